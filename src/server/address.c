/* address.c: where the socket is, that nobody else can get at it, and who listens there already
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A socket whose server has died stays in the file system, and connecting to it is refused; so it
 * is told from a living one. Between that test and the new socket another server may do the same:
 * both hold a lock on a file beside the socket meanwhile. The lock file stays, as whoever removes
 * one may remove that of somebody who holds it.
 */
#include "config.h"

#include "server/weft-server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define TOKEN_BYTES 32

G_DEFINE_QUARK (weft - server - error - quark, weft_server_error)

char *
weft_server_default_address (void)
{
  const char *runtime = g_get_user_runtime_dir ();
  g_autofree char *folder = NULL;

  if (strcmp (runtime, g_get_user_cache_dir ()) != 0) /* what GLib has where there is none */
    return g_build_filename (runtime, "weftline", "socket", NULL);
  folder = g_strdup_printf ("weftline-%u", (unsigned) geteuid ());
  return g_build_filename (g_get_tmp_dir (), folder, "socket", NULL);
}

static bool G_GNUC_PRINTF (3, 4)
    fail (GError **error, WeftServerError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (WEFT_SERVER_ERROR, (int) code, format, args);
  va_end (args);
  return false;
}

static bool
fail_errno (GError **error, const char *path, const char *doing)
{
  return fail (error, WEFT_SERVER_ERROR_ADDRESS, "%s: cannot %s: %s", path, doing,
               g_strerror (errno));
}

/* ---- the folder ------------------------------------------------------------------------------ */

bool
_weft_address_prepare_folder (const char *folder, GError **error)
{
  struct stat is;

  if (lstat (folder, &is) != 0
      && (g_mkdir_with_parents (folder, 0700) != 0 || lstat (folder, &is) != 0))
    return fail_errno (error, folder, "make the socket's folder");
  if (S_ISLNK (is.st_mode))
    return fail (error, WEFT_SERVER_ERROR_ADDRESS,
                 "%s: found a symbolic link, expected a folder; others could turn it elsewhere",
                 folder);
  if (!S_ISDIR (is.st_mode))
    return fail (error, WEFT_SERVER_ERROR_ADDRESS, "%s: found no folder, expected one", folder);
  if (is.st_uid != geteuid ())
    return fail (error, WEFT_SERVER_ERROR_ADDRESS,
                 "%s: found a folder of the user %u, expected one of the user %u; remove it, or "
                 "choose another address",
                 folder, (unsigned) is.st_uid, (unsigned) geteuid ());
  if ((is.st_mode & 077) != 0)
    return fail (error, WEFT_SERVER_ERROR_ADDRESS,
                 "%s: found the mode %03o, expected 700, as whoever gets at the socket may run "
                 "things; chmod 700 mends it",
                 folder, (unsigned) (is.st_mode & 0777));
  return true;
}

/* ---- the socket ------------------------------------------------------------------------------ */

static bool
set_address (struct sockaddr_un *un, const char *path, GError **error)
{
  *un = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (strlen (path) >= sizeof un->sun_path)
    return fail (error, WEFT_SERVER_ERROR_ADDRESS,
                 "%s: found %zu bytes, expected fewer than %zu for a socket's path", path,
                 strlen (path), sizeof un->sun_path);
  strcpy (un->sun_path, path);
  return true;
}

/* Whether somebody listens there. */
static bool
is_alive (const struct sockaddr_un *un, pid_t *pid)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct ucred who = { 0 };
  socklen_t n = sizeof who;
  bool alive;

  /* EAGAIN: its queue is full */
  alive =
      fd >= 0 && (connect (fd, (const struct sockaddr *) un, sizeof *un) == 0 || errno == EAGAIN);
  if (alive)
    getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &who, &n);
  *pid = who.pid;
  if (fd >= 0)
    close (fd);
  return alive;
}

static bool
remove_stale (const struct sockaddr_un *un, GError **error)
{
  struct stat is;
  pid_t pid;

  if (lstat (un->sun_path, &is) != 0)
    return true;
  if (!S_ISSOCK (is.st_mode))
    return fail (error, WEFT_SERVER_ERROR_ADDRESS,
                 "%s: found a file that is no socket, expected none; choose another address",
                 un->sun_path);
  if (is_alive (un, &pid))
    return fail (error, WEFT_SERVER_ERROR_IN_USE,
                 "%s: another server is alive there, process %d; end it, or choose another address",
                 un->sun_path, (int) pid);
  if (unlink (un->sun_path) != 0)
    return fail_errno (error, un->sun_path, "remove the socket that nobody listens at");
  return true;
}

static bool
bind_socket (WeftAddress *address, const struct sockaddr_un *un, GError **error)
{
  struct stat is;

  address->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (address->fd < 0 || fchmod (address->fd, 0600) != 0 /* of the file too, when it is made */
      || bind (address->fd, (const struct sockaddr *) un, sizeof *un) != 0
      || chmod (un->sun_path, 0600) != 0 || listen (address->fd, BACKLOG) != 0
      || lstat (un->sun_path, &is) != 0)
    {
      fail_errno (error, un->sun_path, "listen");
      if (address->fd >= 0)
        close (address->fd);
      address->fd = -1;
      return false;
    }
  address->device = is.st_dev;
  address->inode = is.st_ino;
  return true;
}

static int
lock_file (const char *path, GError **error)
{
  g_autofree char *lock = g_strconcat (path, ".lock", NULL);
  int fd = open (lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && TEMP_FAILURE_RETRY (flock (fd, LOCK_EX)) == 0)
    return fd;
  fail_errno (error, lock, "lock the socket's address");
  if (fd >= 0)
    close (fd);
  return -1;
}

bool
_weft_address_open (WeftAddress *address, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct sockaddr_un un;
  int lock;
  bool ok;

  *address = (WeftAddress){ .fd = -1 };
  if (!set_address (&un, path, error) || !_weft_address_prepare_folder (folder, error))
    return false;
  lock = lock_file (path, error);
  if (lock < 0)
    return false;
  ok = remove_stale (&un, error) && bind_socket (address, &un, error);
  close (lock);
  if (ok)
    address->path = g_strdup (path);
  return ok;
}

/* Under the lock. Whether the file at the path is the socket, and nobody took its place. */
static bool
is_still_there (const WeftAddress *address)
{
  struct sockaddr_un un;
  struct stat is;
  pid_t pid;

  return lstat (address->path, &is) == 0 && is.st_dev == address->device
         && is.st_ino == address->inode && set_address (&un, address->path, NULL)
         && !is_alive (&un, &pid);
}

void
_weft_address_clear (WeftAddress *address)
{
  int lock;

  if (address->fd >= 0)
    close (address->fd);
  address->fd = -1;
  if (address->path == NULL)
    return;
  lock = lock_file (address->path, NULL);
  if (lock >= 0 && is_still_there (address))
    unlink (address->path);
  if (lock >= 0)
    close (lock);
  g_clear_pointer (&address->path, g_free);
}

/* ---- the token ------------------------------------------------------------------------------- */

static bool
write_token (const char *path, const char *token)
{
  size_t n = strlen (token);
  int fd;
  bool ok;

  if (unlink (path) != 0 && errno != ENOENT)
    return false;
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return false;
  ok = write (fd, token, n) == (ssize_t) n && write (fd, "\n", 1) == 1;
  return close (fd) == 0 && ok;
}

char *
_weft_token_new (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  uint8_t bytes[TOKEN_BYTES];
  g_autofree char *token = NULL;

  if (!_weft_address_prepare_folder (folder, error))
    return NULL;
  if (getrandom (bytes, sizeof bytes, 0) != (ssize_t) sizeof bytes)
    {
      fail_errno (error, path, "draw a token");
      return NULL;
    }
  token = g_malloc (2 * sizeof bytes + 1);
  for (size_t i = 0; i < sizeof bytes; i++)
    g_snprintf (token + 2 * i, 3, "%02x", bytes[i]);
  if (!write_token (path, token))
    {
      fail_errno (error, path, "write the token");
      return NULL;
    }
  return g_steal_pointer (&token);
}
