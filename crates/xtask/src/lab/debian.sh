# Runs in the folder of a fresh debootstrap: the updates, and what the official images set.
# MIRROR, SECURITY_MIRROR and SUITE come from the environment.
set -eu
export DEBIAN_FRONTEND=noninteractive
rm -f /etc/apt/sources.list
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cat >/etc/apt/sources.list.d/debian.sources <<END
Types: deb
URIs: $MIRROR
Suites: $SUITE $SUITE-updates
Components: main
Signed-By: $keyring

Types: deb
URIs: $SECURITY_MIRROR
Suites: $SUITE-security
Components: main
Signed-By: $keyring
END
apt-get update -qq
apt-get dist-upgrade -y -qq >/dev/null
cat >/etc/apt/apt.conf.d/docker-clean <<'END'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
echo 'Acquire::GzipIndexes "true";' >/etc/apt/apt.conf.d/docker-gzip-indexes
echo 'Acquire::Languages "none";' >/etc/apt/apt.conf.d/docker-no-languages
echo 'Apt::AutoRemove::SuggestsImportant "false";' >/etc/apt/apt.conf.d/docker-autoremove-suggests
echo 'force-unsafe-io' >/etc/dpkg/dpkg.cfg.d/docker-apt-speedup
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old
rm -rf /var/cache/ldconfig/aux-cache /var/log/apt /var/log/*.log /etc/resolv.conf /etc/hostname /tmp/*
