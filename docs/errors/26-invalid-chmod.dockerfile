FROM alpine:3.22
COPY --chmod=u+z run.sh /run.sh
