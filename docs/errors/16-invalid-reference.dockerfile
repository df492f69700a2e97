FROM Alpine:3.22
RUN apk add --no-cache curl
