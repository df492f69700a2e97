FROM alpine:3.22
CMD ["sleep", 60]
