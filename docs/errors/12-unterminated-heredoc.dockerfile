FROM alpine:3.22
RUN <<EOF
apk add --no-cache curl
  EOF
USER nobody
