ARG VERSION=3.22
FROM alpine:${VERSION
RUN apk add --no-cache curl
