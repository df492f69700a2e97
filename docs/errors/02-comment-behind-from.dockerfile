FROM alpine:3.22 # small base
RUN apk add --no-cache curl
