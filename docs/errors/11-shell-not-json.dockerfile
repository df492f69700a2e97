FROM alpine:3.22
SHELL /bin/ash -c
