FROM alpine:3.22
ARG =1
ENV =x
