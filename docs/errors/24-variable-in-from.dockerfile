ARG GO=1.25
FROM alpine:3.22
COPY --from=golang:$GO /usr/local/go /usr/local/go
