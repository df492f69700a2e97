# Runs in namespaces of its own (mount, process): what it mounts and starts is gone when it ends.
# ROOT: the folder with Debian and dockerd; LAB: the lab's folder; the rest: dockerd's flags.
set -eu
root=$1 lab=$2
shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root$lab"
mount --bind "$lab" "$root$lab"
cat /etc/resolv.conf >"$root/etc/resolv.conf"
# In a container with cgroups version 2, controllers are only for groups whose parent holds no process.
groups=/sys/fs/cgroup
if [ -f "$groups/cgroup.type" ] && [ -f "$groups/cgroup.subtree_control" ]; then
    mkdir -p "$groups/init"
    xargs -rn1 <"$groups/cgroup.procs" >"$groups/init/cgroup.procs" 2>/dev/null || :
    sed -e 's/ / +/g' -e 's/^/+/' <"$groups/cgroup.controllers" >"$groups/cgroup.subtree_control" || :
fi
exec chroot "$root" dockerd "$@"
