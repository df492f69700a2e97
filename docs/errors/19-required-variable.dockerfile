FROM alpine:3.22
ARG SETTINGS
ENV SETTINGS="${SETTINGS:?say where the settings are}"
