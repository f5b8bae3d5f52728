#!/bin/busybox sh
# The guest's first program: the host's root, read-only, under a layer in memory; then
# the agent. @MODULES@ is filled in by host.py: the drivers that are needed for that.
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
exec >/dev/console 2>&1   # the initramfs has no console node of its own
for module in @MODULES@; do
  insmod "/modules/$module" || echo "insmod $module failed"
done
share=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o $share,ro,cache=loose host /host || echo "no host share"
mount -t tmpfs -o size=2g tmpfs /layer; mkdir -p /layer/upper /layer/work
# Folders of the overlay that others are mounted on must be in its upper layer first.
for folder in proc sys dev run; do
  mkdir -p /layer/upper/$folder
  setfattr -n trusted.overlay.opaque -v y /layer/upper/$folder 2>/dev/null
done
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /new
mount -t proc proc /new/proc; mount -t sysfs sys /new/sys; mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm /new/mnt/shared /new/lib/modules
mount -t devpts pts /new/dev/pts
mount -t tmpfs shm /new/dev/shm; mount -t tmpfs run /new/run
mount -t 9p -o $share,cache=none shared /new/mnt/shared || echo "no shared folder"
ip link set lo up
exec chroot /new /bin/bash /mnt/shared/job.sh
