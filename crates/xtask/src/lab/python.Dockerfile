# As the official image has it: it says its version, pip may install, the standard library has no compiled files yet.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-pip python3-venv \
 && rm -rf /var/lib/apt/lists/* /usr/lib/python3*/EXTERNALLY-MANAGED \
 && find /usr/lib/python3* -name __pycache__ -prune -exec rm -rf {} + \
 && ln -s python3 /usr/bin/python
# The authorities that this machine trusts.
COPY certificates /etc/ssl/certs/
ENV PYTHON_VERSION=3.11.2 PIP_CERT=/etc/ssl/certs/ca-certificates.crt
CMD ["python3"]
