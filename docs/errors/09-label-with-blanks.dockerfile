FROM alpine:3.22
LABEL description=a small image
