FROM golang:1.25 AS 1st-build
RUN go build -o /app .
