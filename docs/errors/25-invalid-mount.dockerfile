FROM node:22-alpine
RUN --mount=type=cache,traget=/root/.npm npm ci
