/* spill-folder.c: a private folder that does not outlive its process for long
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A process that is killed cannot clean up, so the next one does. A folder's name has its owner and
 * process, but process ids are used again and mean nothing in another container; what counts is the
 * lock on the file "lock" in it, which the kernel drops with the process. Who can take the lock may
 * remove the folder.
 *
 * Between making a folder and holding its lock, somebody who cleans up may come by. It finds no
 * lock file, and leaves the folder alone while a process of the id in its name lives; or it takes
 * the lock first and removes the folder; its maker sees one of the steps fail, or a lock on a file
 * that is no longer there, and tries again under another name. In no case does anybody use a folder
 * that is going away.
 *
 * Folders below a parent that others may write to (/tmp) are only touched when they are real
 * folders of this user, reached without following links.
 */
#include "config.h"

#include "store/weft-spill-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "lock"
#define MAX_TRIES 16
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* A descriptor that a DIR may own. */
static DIR *
open_list (int fd)
{
  int own = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = own >= 0 ? fdopendir (own) : NULL;

  if (list == NULL && own >= 0)
    close (own);
  return list;
}

/* All but the lock, which goes last: until then the folder is somebody's. */
static void
remove_files (int fd)
{
  DIR *list = open_list (fd);
  struct dirent *entry;

  while (list != NULL && (entry = readdir (list)) != NULL)
    if (strcmp (entry->d_name, LOCK_NAME) != 0 && strcmp (entry->d_name, ".") != 0
        && strcmp (entry->d_name, "..") != 0)
      unlinkat (fd, entry->d_name, 0);
  if (list != NULL)
    closedir (list);
  unlinkat (fd, LOCK_NAME, 0);
}

/* ---- what others left ------------------------------------------------------------------------ */

/* The process id in weftline-<uid>-<pid>-<random>, or -1. */
static long
pid_in_name (const char *name)
{
  long uid, pid;
  unsigned long long random;
  int n = 0;

  if (sscanf (name, "weftline-%ld-%ld-%16llx%n", &uid, &pid, &random, &n) != 3 || name[n] != '\0'
      || uid != (long) geteuid () || pid <= 0)
    return -1;
  return pid;
}

static bool
is_own (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && info.st_uid == geteuid ();
}

/* Whether nobody uses the folder. The lock, if there is one, is held then. */
static bool
is_abandoned (int fd, long pid, int *lock_fd)
{
  *lock_fd = openat (fd, LOCK_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (*lock_fd >= 0)
    return flock (*lock_fd, LOCK_EX | LOCK_NB) == 0;
  return errno == ENOENT && kill ((pid_t) pid, 0) != 0 && errno == ESRCH;
}

static void
remove_if_abandoned (int parent_fd, const char *name)
{
  long pid = pid_in_name (name);
  int fd, lock_fd = -1;

  if (pid < 0)
    return;
  fd = openat (parent_fd, name, FOLDER_FLAGS);
  if (fd < 0)
    return;
  if (is_own (fd) && is_abandoned (fd, pid, &lock_fd))
    {
      remove_files (fd);
      unlinkat (parent_fd, name, AT_REMOVEDIR);
    }
  if (lock_fd >= 0)
    close (lock_fd);
  close (fd);
}

static void
remove_abandoned (int parent_fd)
{
  DIR *list = open_list (parent_fd);
  struct dirent *entry;

  while (list != NULL && (entry = readdir (list)) != NULL)
    remove_if_abandoned (parent_fd, entry->d_name);
  if (list != NULL)
    closedir (list);
}

/* ---- a new one ------------------------------------------------------------------------------- */

/* Holds the lock on the file that is there, not on one that was removed meanwhile. */
static bool
take_lock (WeftSpillFolder *folder)
{
  struct stat held, present;

  folder->lock_fd = openat (folder->fd, LOCK_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (folder->lock_fd < 0 || flock (folder->lock_fd, LOCK_EX | LOCK_NB) != 0)
    return false;
  return fstat (folder->lock_fd, &held) == 0
         && fstatat (folder->fd, LOCK_NAME, &present, AT_SYMLINK_NOFOLLOW) == 0
         && held.st_ino == present.st_ino && held.st_dev == present.st_dev;
}

static void
let_go (WeftSpillFolder *folder)
{
  if (folder->lock_fd >= 0)
    close (folder->lock_fd);
  if (folder->fd >= 0)
    close (folder->fd);
  g_free (folder->path);
  *folder = (WeftSpillFolder){ NULL, -1, -1 };
}

/* FALSE with errno, 0 for bad luck: worth another try. */
static bool
try_folder (WeftSpillFolder *folder, int parent_fd, const char *parent)
{
  g_autofree char *name = NULL;
  uint64_t random;

  *folder = (WeftSpillFolder){ NULL, -1, -1 };
  if (getrandom (&random, sizeof random, 0) != sizeof random)
    return false;
  name = g_strdup_printf ("weftline-%ld-%ld-%016" G_GINT64_MODIFIER "x", (long) geteuid (),
                          (long) getpid (), random);
  if (mkdirat (parent_fd, name, 0700) != 0)
    {
      errno = errno == EEXIST ? 0 : errno;
      return false;
    }
  folder->path = g_build_filename (parent, name, NULL);
  folder->fd = openat (parent_fd, name, FOLDER_FLAGS);
  if (folder->fd >= 0 && take_lock (folder))
    return true;
  int code = errno == ENOENT || errno == EWOULDBLOCK ? 0 : errno; /* taken for abandoned */
  unlinkat (parent_fd, name, AT_REMOVEDIR);
  errno = code;
  return false;
}

static bool
make_folder (WeftSpillFolder *folder, int parent_fd, const char *parent, GError **error)
{
  int code = 0;

  for (uint32_t i = 0; i < MAX_TRIES && code == 0; i++)
    {
      errno = 0;
      if (try_folder (folder, parent_fd, parent))
        return true;
      code = errno;
      let_go (folder);
    }
  g_set_error (error, WEFT_SPILL_ERROR, WEFT_SPILL_ERROR_FOLDER,
               "cannot make a folder for spilled values in “%s”: %s; choose one that can be "
               "written to",
               parent, g_strerror (code != 0 ? code : EEXIST));
  return false;
}

bool
_weft_spill_folder_init (WeftSpillFolder *folder, const char *parent, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (parent, NULL);
  int parent_fd = open (absolute, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool made;

  if (parent_fd < 0)
    {
      g_set_error (error, WEFT_SPILL_ERROR, WEFT_SPILL_ERROR_FOLDER,
                   "cannot open the folder “%s” for spilled values: %s", absolute,
                   g_strerror (errno));
      return false;
    }
  remove_abandoned (parent_fd);
  made = make_folder (folder, parent_fd, absolute, error);
  close (parent_fd);
  return made;
}

void
_weft_spill_folder_clear (WeftSpillFolder *folder, bool remove)
{
  if (remove && folder->fd >= 0)
    {
      remove_files (folder->fd);
      rmdir (folder->path);
    }
  let_go (folder);
}
