RUN apk add --no-cache curl
FROM alpine:3.22
