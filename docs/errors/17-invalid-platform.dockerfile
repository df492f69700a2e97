FROM --platform=linux/x86-64/v2/v3 alpine:3.22
