FROM alpine:3.22 AS app
RUN --mount=from=assets,target=/assets cp -r /assets /srv
FROM node:22-alpine AS assets
RUN npm run build
