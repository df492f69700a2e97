FROM node:22-alpine
ONBUILD FROM node:20-alpine
ONBUILD ONBUILD RUN npm ci
