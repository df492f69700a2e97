FROM nginx:1.29
HEALTHCHECK --interval=5 CMD curl -f http://localhost/
HEALTHCHECK curl -f http://localhost/
