FROM alpine:3.22 AS Build
RUN apk add --no-cache curl
COPPY . /app
WORKDIR app
COPY --form=build /x /y
ENV PATH /app/bin:$PTAH
CMD run --fast
