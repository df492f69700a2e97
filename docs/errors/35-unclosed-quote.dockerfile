FROM alpine:3.22
WORKDIR "/srv/my app
USER nobody
