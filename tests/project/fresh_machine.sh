#!/bin/bash
# fresh_machine.sh: ./dev run and ./dev test on a Debian 12 that has nothing installed
#
# SPDX-License-Identifier: BSD-3-Clause
#
# Usage: fresh_machine.sh SUITE...
#
# Needs root and mmdebstrap. Makes a system in a folder of its own, with the package sources of this
# machine, clones the last commit into it, and there runs ./dev run twice (without a display: the
# window leaves its picture) and ./dev test with the suites named. Prints how long each took.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
source=$PWD
root=$(mktemp -d /var/tmp/weftline-fresh.XXXXXX)

tidy ()
{
  umount -R "$root/proc" "$root/dev" 2>/dev/null || :
  rm -rf --one-file-system "$root"
}
trap tidy EXIT

# inside WHAT COMMAND: runs it in the new system, in the clone, and says how long it took
inside ()
{
  local begin=$SECONDS
  chroot "$root" /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive bash -c "cd /srv/weftline && $2" </dev/null
  printf '%s: %d s\n' "$1" $((SECONDS - begin))
}

mmdebstrap --quiet --variant=minbase --setup-hook='mkdir -p "$1/etc" && cp -a /etc/apt "$1/etc/"' \
  --customize-hook='cp -L /etc/resolv.conf /etc/hosts "$1/etc/"' bookworm "$root" 2>/dev/null
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
git clone -q "$source" "$root/srv/weftline"
printf 'packages before: %d\n' "$(chroot "$root" dpkg-query -f '.\n' -W | wc -l)"
inside 'first ./dev run' './dev run && head -c 8 build/weftline.png | grep -q PNG'
printf 'packages after: %d\n' "$(chroot "$root" dpkg-query -f '.\n' -W | wc -l)"
inside 'second ./dev run' './dev run'
inside './dev test' "./dev test $(printf -- '--suite %q ' "$@")"
