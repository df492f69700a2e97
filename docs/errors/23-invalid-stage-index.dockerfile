FROM golang:1.25
RUN go build -o /app .
FROM scratch
COPY --from=2 /app /app
