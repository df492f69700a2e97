FROM alpine:3.22
RNU apk add --no-cache curl
