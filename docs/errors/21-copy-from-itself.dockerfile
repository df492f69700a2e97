FROM alpine:3.22 AS app
COPY --from=app /x /y
