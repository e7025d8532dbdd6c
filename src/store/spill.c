/* spill.c: values on disk
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each value is a file of its own. Making and removing one costs some 10 µs, little against writing
 * the 64 KiB or more that are worth spilling; for that the file system does what a store in one big
 * file would have to do itself: find room, give it back at once, keep damage to one value.
 *
 * What is written is the codec's form, which streams, so neither way needs the value's size again.
 * The size of each file is kept: a file that has another one is not what was written, whatever it
 * says.
 *
 * Threads: writing and reading work on files only one thread knows; the table of sizes has a lock.
 */
#include "config.h"

#include "store/weft-spill-private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define STAGE_BYTES 65536
#define NAME_BYTES 32

struct _WeftSpillStore
{
  _Atomic uint32_t refs;
  pid_t pid;              /* immutable; a forked child must not remove its parent's folder */
  WeftSpillFolder folder; /* immutable */
  pthread_mutex_t lock;
  GHashTable *sizes;    /* lock: lock; handle → bytes of its file */
  uint64_t next_handle; /* lock: lock */
  uint64_t disk_bytes;  /* lock: lock */
};

GQuark
weft_spill_error_quark (void)
{
  return g_quark_from_static_string ("weft-spill-error");
}

/* ---- store ----------------------------------------------------------------------------------- */

WeftSpillStore *
weft_spill_store_new (const char *parent, GError **error)
{
  WeftSpillFolder folder;
  WeftSpillStore *store;

  if (!_weft_spill_folder_init (&folder, parent, error))
    return NULL;
  store = g_new0 (WeftSpillStore, 1);
  atomic_init (&store->refs, 1);
  store->pid = getpid ();
  store->folder = folder;
  store->sizes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  pthread_mutex_init (&store->lock, NULL);
  return store;
}

WeftSpillStore *
weft_spill_store_ref (WeftSpillStore *store)
{
  atomic_fetch_add_explicit (&store->refs, 1, memory_order_relaxed);
  return store;
}

void
weft_spill_store_unref (WeftSpillStore *store)
{
  if (store == NULL || atomic_fetch_sub_explicit (&store->refs, 1, memory_order_acq_rel) != 1)
    return;
  _weft_spill_folder_clear (&store->folder, store->pid == getpid ());
  g_hash_table_unref (store->sizes);
  pthread_mutex_destroy (&store->lock);
  g_free (store);
}

const char *
weft_spill_store_path (const WeftSpillStore *store)
{
  return store->folder.path;
}

uint64_t
weft_spill_store_disk_bytes (WeftSpillStore *store)
{
  uint64_t n_bytes;

  pthread_mutex_lock (&store->lock);
  n_bytes = store->disk_bytes;
  pthread_mutex_unlock (&store->lock);
  return n_bytes;
}

static uint64_t
new_handle (WeftSpillStore *store)
{
  uint64_t handle;

  pthread_mutex_lock (&store->lock);
  handle = ++store->next_handle;
  pthread_mutex_unlock (&store->lock);
  return handle;
}

static void
add_file (WeftSpillStore *store, uint64_t handle, uint64_t n_bytes)
{
  pthread_mutex_lock (&store->lock);
  g_hash_table_insert (store->sizes, g_memdup2 (&handle, sizeof handle),
                       g_memdup2 (&n_bytes, sizeof n_bytes));
  store->disk_bytes += n_bytes;
  pthread_mutex_unlock (&store->lock);
}

/* 0: no such file */
static uint64_t
file_size (WeftSpillStore *store, uint64_t handle)
{
  const uint64_t *found;
  uint64_t n_bytes;

  pthread_mutex_lock (&store->lock);
  found = g_hash_table_lookup (store->sizes, &handle);
  n_bytes = found != NULL ? *found : 0;
  pthread_mutex_unlock (&store->lock);
  return n_bytes;
}

static bool
remove_file (WeftSpillStore *store, uint64_t handle)
{
  const uint64_t *found;
  bool was_there;

  pthread_mutex_lock (&store->lock);
  found = g_hash_table_lookup (store->sizes, &handle);
  if (found != NULL)
    store->disk_bytes -= *found;
  was_there = g_hash_table_remove (store->sizes, &handle);
  pthread_mutex_unlock (&store->lock);
  return was_there;
}

static void
fill_name (char *name, uint64_t handle)
{
  g_snprintf (name, NAME_BYTES, "%016" G_GINT64_MODIFIER "x.wval", handle);
}

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct
{
  WeftSpillStore *store;
  const char *name;
  int fd;
  uint64_t n_written;
  size_t n_staged;
  uint8_t stage[STAGE_BYTES];
} Sink;

static bool
fail_write (Sink *sink, int code, GError **error)
{
  bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;

  g_set_error (error, WEFT_SPILL_ERROR, full ? WEFT_SPILL_ERROR_FULL : WEFT_SPILL_ERROR_WRITE,
               "cannot spill to “%s/%s” after %" G_GUINT64_FORMAT " bytes: %s%s",
               sink->store->folder.path, sink->name, sink->n_written, g_strerror (code),
               full ? "; make room, or choose another folder for spilled values" : "");
  return false;
}

/* Going beyond the limit would raise SIGXFSZ, which a library must not ask anybody to ignore. */
static bool
is_within_limit (const Sink *sink, size_t n_bytes)
{
  struct rlimit limit;

  return getrlimit (RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY
         || sink->n_written + n_bytes <= limit.rlim_cur;
}

static bool
write_parts (Sink *sink, struct iovec *parts, int n_parts, GError **error)
{
  while (n_parts > 0)
    {
      ssize_t n = writev (sink->fd, parts, n_parts);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail_write (sink, n < 0 ? errno : EIO, error);
      sink->n_written += (size_t) n;
      while (n_parts > 0 && (size_t) n >= parts->iov_len)
        {
          n -= (ssize_t) parts->iov_len;
          parts++;
          n_parts--;
        }
      if (n_parts > 0)
        {
          parts->iov_base = (uint8_t *) parts->iov_base + n;
          parts->iov_len -= (size_t) n;
        }
    }
  return true;
}

/* What is staged, and bytes behind it. */
static bool
write_staged_and (Sink *sink, const void *bytes, size_t n_bytes, GError **error)
{
  struct iovec parts[2] = { { sink->stage, sink->n_staged }, { (void *) bytes, n_bytes } };
  int n_parts = n_bytes > 0 ? 2 : 1;

  if (!is_within_limit (sink, sink->n_staged + n_bytes))
    return fail_write (sink, EFBIG, error);
  if (sink->n_staged > 0)
    {
      sink->n_staged = 0;
      return write_parts (sink, parts, n_parts, error);
    }
  return write_parts (sink, parts + 1, n_parts - 1, error);
}

static bool
write_cb (const void *bytes, size_t n_bytes, void *data, GError **error)
{
  Sink *sink = data;

  if (n_bytes > STAGE_BYTES - sink->n_staged)
    return write_staged_and (sink, bytes, n_bytes, error);
  memcpy (sink->stage + sink->n_staged, bytes, n_bytes);
  sink->n_staged += n_bytes;
  return true;
}

/* Closes the file in any case; some file systems only say then that they are full. */
static bool
write_file (Sink *sink, const WeftValue *value, WeftCompression compression, GError **error)
{
  bool done = weft_value_encode_to (value, compression, write_cb, sink, error)
              && write_staged_and (sink, NULL, 0, error);

  if (close (sink->fd) == 0 || !done)
    return done;
  return fail_write (sink, errno, error);
}

static bool
create_and_write (Sink *sink, const WeftValue *value, WeftCompression compression, GError **error)
{
  int folder_fd = sink->store->folder.fd;

  sink->fd =
      openat (folder_fd, sink->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (sink->fd < 0)
    return fail_write (sink, errno, error);
  if (write_file (sink, value, compression, error))
    return true;
  unlinkat (folder_fd, sink->name, 0);
  return false;
}

bool
weft_spill_write (WeftSpillStore *store, const WeftValue *value, WeftCompression compression,
                  uint64_t *handle, GError **error)
{
  uint64_t number = new_handle (store);
  char name[NAME_BYTES];
  Sink *sink = malloc (sizeof *sink);
  bool done;

  if (sink == NULL)
    {
      g_set_error (error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_NO_MEMORY, "no memory to spill with");
      return false;
    }
  fill_name (name, number);
  sink->store = store;
  sink->name = name;
  sink->n_written = 0;
  sink->n_staged = 0;
  done = create_and_write (sink, value, compression, error);
  if (done)
    {
      add_file (store, number, sink->n_written);
      *handle = number;
    }
  free (sink);
  return done;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct
{
  WeftSpillStore *store;
  const char *name;
  int fd;
} Source;

static G_GNUC_PRINTF (4, 5) bool fail_read (const Source *source, WeftSpillError code,
                                            GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, WEFT_SPILL_ERROR, code, "the spilled value in “%s/%s” is %s: %s",
               source->store->folder.path, source->name,
               code == WEFT_SPILL_ERROR_LOST ? "lost" : "damaged", what);
  return false;
}

static bool
read_cb (void *bytes, size_t n_bytes, void *data, GError **error)
{
  const Source *source = data;
  uint8_t *at = bytes;

  while (n_bytes > 0)
    {
      ssize_t n = read (source->fd, at, n_bytes);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail_read (source, WEFT_SPILL_ERROR_LOST, error, "%s", g_strerror (errno));
      if (n == 0)
        return fail_read (source, WEFT_SPILL_ERROR_DAMAGED, error, "it ends early");
      at += n;
      n_bytes -= (size_t) n;
    }
  return true;
}

static bool
check_size (const Source *source, uint64_t n_bytes, GError **error)
{
  struct stat info;

  if (fstat (source->fd, &info) != 0)
    return fail_read (source, WEFT_SPILL_ERROR_LOST, error, "%s", g_strerror (errno));
  return (uint64_t) info.st_size == n_bytes
         || fail_read (source, WEFT_SPILL_ERROR_DAMAGED, error,
                       "it has %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " were written",
                       (uint64_t) info.st_size, n_bytes);
}

static bool
is_damage (const GError *error)
{
  return g_error_matches (error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_DAMAGED)
         || g_error_matches (error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_VERSION);
}

static bool
read_file (Source *source, uint64_t n_bytes, WeftAccount *account,
           const WeftForeignClasses *classes, WeftValue *value, GError **error)
{
  GError *own = NULL;

  if (!check_size (source, n_bytes, error))
    return false;
  if (weft_value_decode_from (account, classes, read_cb, source, 0, value, &own))
    return true;
  if (is_damage (own))
    {
      fail_read (source, WEFT_SPILL_ERROR_DAMAGED, error, "%s", own->message);
      g_error_free (own);
    }
  else
    g_propagate_error (error, own);
  return false;
}

bool
weft_spill_read (WeftSpillStore *store, uint64_t handle, WeftAccount *account,
                 const WeftForeignClasses *classes, WeftValue *value, GError **error)
{
  uint64_t n_bytes = file_size (store, handle);
  char name[NAME_BYTES];
  Source source = { store, name, -1 };
  bool done;

  fill_name (name, handle);
  if (n_bytes == 0)
    return fail_read (&source, WEFT_SPILL_ERROR_LOST, error, "it was never written, or dropped");
  source.fd = openat (store->folder.fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (source.fd < 0)
    return fail_read (&source, WEFT_SPILL_ERROR_LOST, error, "%s", g_strerror (errno));
  done = read_file (&source, n_bytes, account, classes, value, error);
  close (source.fd);
  return done;
}

void
weft_spill_drop (WeftSpillStore *store, uint64_t handle)
{
  char name[NAME_BYTES];

  if (!remove_file (store, handle))
    return;
  fill_name (name, handle);
  unlinkat (store->folder.fd, name, 0);
}
