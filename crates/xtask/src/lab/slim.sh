# Runs in the folder of the full image: what the slim one leaves out, now and in every later installation.
set -eu
cat >/etc/dpkg/dpkg.cfg.d/docker <<'END'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/linda/*
path-exclude /usr/share/lintian/overrides/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
path-exclude /usr/share/man/*
END
find /usr/share/doc ! -type d ! -name copyright -delete
find /usr/share/info /usr/share/linda /usr/share/lintian/overrides /usr/share/man ! -type d -delete 2>/dev/null || :
find /usr/share/locale ! -type d ! -name locale.alias -delete
find /usr/share/doc /usr/share/info /usr/share/locale /usr/share/man -mindepth 1 -depth -type d -empty -delete
