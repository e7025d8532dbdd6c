/* test-spill.c: values on disk: back again, counted, cleaned up; and every way a disk can fail
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "random-values.h"
#include "test-support.h"

#include "store/weft-spill.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static WeftSpillStore *
store_new (const char *dir)
{
  g_autoptr (GError) error = NULL;
  WeftSpillStore *store = weft_spill_store_new (dir, &error);

  g_assert_no_error (error);
  return store;
}

static uint64_t
spill (WeftSpillStore *store, const WeftValue *value, WeftCompression compression)
{
  g_autoptr (GError) error = NULL;
  uint64_t handle = 0;

  weft_spill_write (store, value, compression, &handle, &error);
  g_assert_no_error (error);
  return handle;
}

static void
make_bytes (WeftValue *value, size_t n_bytes)
{
  WeftBuffer *buffer = weft_buffer_new (NULL, n_bytes);

  for (size_t i = 0; i < n_bytes; i++)
    buffer->bytes[i] = (uint8_t) (i * i >> 7 ^ i);
  g_assert_cmpint (weft_value_init_bytes_buffer (value, buffer, 0, n_bytes), ==, WEFT_OK);
}

static guint
n_entries (const char *dir)
{
  g_autoptr (GDir) list = g_dir_open (dir, 0, NULL);
  guint n = 0;

  while (list != NULL && g_dir_read_name (list) != NULL)
    n++;
  return n;
}

/* The one spilled file of a store. (transfer full) */
static char *
only_file (WeftSpillStore *store)
{
  g_autoptr (GDir) list = g_dir_open (weft_spill_store_path (store), 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (list)) != NULL)
    if (g_str_has_suffix (name, ".wval"))
      return g_build_filename (weft_spill_store_path (store), name, NULL);
  g_assert_not_reached ();
}

/* ---- back again ------------------------------------------------------------------------------ */

static void
test_values_come_back (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);

  for (guint i = 0; i < 60 / test_slowdown (); i++)
    {
      WeftAccount *account = weft_account_new (NULL);
      WeftValue value, back;
      RandomValues random;
      g_autoptr (GError) error = NULL;
      uint64_t handle;

      random_values_init (&random, NULL, true);
      random_value (&random, &value, 0);
      handle = spill (store, &value, i % 3);
      g_assert_true (weft_spill_read (store, handle, account, &object_classes, &back, &error));
      g_assert_no_error (error);
      g_assert_true (weft_value_equal (&value, &back));
      weft_value_clear (&back);
      weft_spill_drop (store, handle);
      g_assert_cmpuint (weft_spill_store_disk_bytes (store), ==, 0);
      g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
      weft_account_unref (account);
      weft_value_clear (&value);
      random_values_clear (&random);
    }
  weft_spill_store_unref (store);
  g_assert_cmpuint (n_entries (dir), ==, 0);
}

static void
test_disk_bytes_are_counted (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  WeftValue value, back;
  uint64_t a, b;
  struct stat info;
  g_autofree char *path = NULL;

  make_bytes (&value, 3000000);
  a = spill (store, &value, WEFT_COMPRESSION_NONE);
  path = only_file (store);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), ==, (uint64_t) info.st_size);
  b = spill (store, &value, WEFT_COMPRESSION_LZ4);
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), >, (uint64_t) info.st_size);
  weft_spill_drop (store, b);
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), ==, (uint64_t) info.st_size);
  g_assert_true (weft_spill_read (store, a, NULL, NULL, &back, NULL)); /* reading keeps it */
  g_assert_true (weft_value_equal (&value, &back));
  weft_value_clear (&back);
  weft_value_clear (&value);
  weft_spill_drop (store, a);
  weft_spill_drop (store, a); /* once is enough, twice does no harm */
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), ==, 0);
  g_assert_cmpuint (n_entries (weft_spill_store_path (store)), ==, 1); /* the lock */
  weft_spill_store_unref (store);
}

static int64_t
peak_resident_bytes (void)
{
  g_autofree char *status = test_file_read ("/proc/self/status");
  const char *line = strstr (status, "VmHWM:");

  return g_ascii_strtoll (line + strlen ("VmHWM:"), NULL, 10) * 1024;
}

/* Spilling 64 MiB and reading them back takes a few blocks beyond the one copy, in each form. */
static void
test_spilling_takes_little_memory (void)
{
  enum
  {
    N = 64 << 20
  };
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  /* Sanitizers keep what was freed, and notes about all memory. */
  int64_t slack = test_slowdown () > 1 ? INT64_C (16) * N : 12 << 20;

  weft_buffer_trim (0);
  for (guint i = 0; i < 3; i++)
    {
      WeftValue value, back;
      uint64_t handle;
      int64_t before;

      make_bytes (&value, N);
      before = peak_resident_bytes ();
      handle = spill (store, &value, i);
      g_assert_cmpint (peak_resident_bytes () - before, <, slack);
      weft_value_clear (&value);
      weft_buffer_trim (0);
      g_assert_true (weft_spill_read (store, handle, NULL, NULL, &back, NULL));
      g_assert_cmpint (peak_resident_bytes () - before, <, slack);
      weft_value_clear (&back);
      weft_buffer_trim (0);
      weft_spill_drop (store, handle);
    }
  weft_spill_store_unref (store);
}

typedef struct
{
  WeftSpillStore *store;
  guint seed;
} Spiller;

static void *
spill_cb (void *data)
{
  Spiller *spiller = data;

  for (guint i = 0; i < 100 / test_slowdown (); i++)
    {
      size_t n = (spiller->seed * 7919 + i * 104729) % 300000;
      WeftValue value, back;
      uint64_t handle;

      make_bytes (&value, n);
      handle = spill (spiller->store, &value, i % 3);
      g_assert_true (weft_spill_read (spiller->store, handle, NULL, NULL, &back, NULL));
      g_assert_true (weft_value_equal (&value, &back));
      weft_value_clear (&value);
      weft_value_clear (&back);
      weft_spill_drop (spiller->store, handle);
    }
  return NULL;
}

static void
test_threads_spill_at_once (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  Spiller spillers[4];
  pthread_t threads[4];

  for (guint i = 0; i < 4; i++)
    {
      spillers[i] = (Spiller){ store, i };
      pthread_create (&threads[i], NULL, spill_cb, &spillers[i]);
    }
  for (guint i = 0; i < 4; i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), ==, 0);
  weft_spill_store_unref (store);
}

/* ---- lost and damaged ------------------------------------------------------------------------ */

static void
assert_no_value (WeftSpillStore *store, uint64_t handle, WeftSpillError code, const char *what)
{
  WeftAccount *account = weft_account_new (NULL);
  WeftValue value = WEFT_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_false (weft_spill_read (store, handle, account, NULL, &value, &error));
  test_assert_error (&error, WEFT_SPILL_ERROR, code, weft_spill_store_path (store), what, NULL);
  g_assert_cmpuint (value.type, ==, WEFT_TYPE_EMPTY);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  weft_account_unref (account);
}

static void
test_lost_files_are_errors (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  g_autofree char *path = NULL;
  WeftValue value;
  uint64_t handle;

  make_bytes (&value, 100000);
  handle = spill (store, &value, WEFT_COMPRESSION_NONE);
  weft_value_clear (&value);
  path = only_file (store);
  g_assert_cmpint (unlink (path), ==, 0);
  assert_no_value (store, handle, WEFT_SPILL_ERROR_LOST, "No such file");
  assert_no_value (store, handle + 1, WEFT_SPILL_ERROR_LOST, "never written");
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0); /* nor is a link followed */
  assert_no_value (store, handle, WEFT_SPILL_ERROR_LOST, "");
  weft_spill_drop (store, handle);
  assert_no_value (store, handle, WEFT_SPILL_ERROR_LOST, "dropped");
  weft_spill_store_unref (store);
}

static void
test_damaged_files_are_errors (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  g_autofree char *path = NULL;
  WeftValue value, back;
  uint64_t handle;
  off_t size;
  int fd;

  make_bytes (&value, 100000);
  handle = spill (store, &value, WEFT_COMPRESSION_LZ4);
  path = only_file (store);
  fd = open (path, O_RDWR);
  size = lseek (fd, 0, SEEK_END);
  for (guint i = 0; i < 50; i++)
    {
      off_t at = (off_t) g_test_rand_int_range (0, (gint32) size);
      uint8_t byte, changed;

      g_assert_cmpint (pread (fd, &byte, 1, at), ==, 1);
      changed = byte ^ (uint8_t) g_test_rand_int_range (1, 256);
      g_assert_cmpint (pwrite (fd, &changed, 1, at), ==, 1);
      assert_no_value (store, handle, WEFT_SPILL_ERROR_DAMAGED, "damaged");
      g_assert_cmpint (pwrite (fd, &byte, 1, at), ==, 1);
    }
  g_assert_true (weft_spill_read (store, handle, NULL, NULL, &back, NULL)); /* mended */
  g_assert_true (weft_value_equal (&value, &back));
  weft_value_clear (&back);
  g_assert_cmpint (ftruncate (fd, size - 1), ==, 0);
  assert_no_value (store, handle, WEFT_SPILL_ERROR_DAMAGED, "were written");
  g_assert_cmpint (ftruncate (fd, size + 1), ==, 0);
  assert_no_value (store, handle, WEFT_SPILL_ERROR_DAMAGED, "were written");
  close (fd);
  weft_value_clear (&value);
  weft_spill_store_unref (store);
}

/* ---- no room --------------------------------------------------------------------------------- */

static void
assert_full (WeftSpillStore *store, const char *what)
{
  g_autoptr (GError) error = NULL;
  uint64_t handle = 77;
  WeftValue value;

  make_bytes (&value, 3 << 20);
  g_assert_false (weft_spill_write (store, &value, WEFT_COMPRESSION_NONE, &handle, &error));
  test_assert_error (&error, WEFT_SPILL_ERROR, WEFT_SPILL_ERROR_FULL, what, "make room", NULL);
  g_assert_cmpuint (handle, ==, 77);
  g_assert_cmpuint (weft_spill_store_disk_bytes (store), ==, 0);
  g_assert_cmpuint (n_entries (weft_spill_store_path (store)), ==, 1); /* nothing half written */
  weft_value_clear (&value);

  make_bytes (&value, 100000); /* less goes on working */
  handle = spill (store, &value, WEFT_COMPRESSION_NONE);
  weft_value_clear (&value);
  g_assert_true (weft_spill_read (store, handle, NULL, NULL, &value, NULL));
  weft_value_clear (&value);
  weft_spill_drop (store, handle);
}

/* SIGXFSZ would end this process: nobody ignores it here. */
static void
test_limit_of_file_size_is_an_error (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  struct rlimit before, limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 2 << 20;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  assert_full (store, "File too large");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  weft_spill_store_unref (store);
}

/* In a process of its own, which may become one that mounts what it likes. 0: done, 77: may not */
static int
fill_small_disk (const char *dir)
{
  WeftSpillStore *store;

  if (mount ("weft-test", dir, "tmpfs", 0, "size=2m") != 0
      && (unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0
          || mount ("weft-test", dir, "tmpfs", 0, "size=2m") != 0))
    return 77;
  store = store_new (dir);
  assert_full (store, "No space left");
  weft_spill_store_unref (store);
  umount (dir);
  return 0;
}

/* A disk of 2 MiB. */
static void
test_full_disk_is_an_error (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    _exit (fill_small_disk (dir));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("may not mount a small disk here");
  else
    g_assert_cmpint (status, ==, 0);
}

/* ---- folders --------------------------------------------------------------------------------- */

static void
test_folders_are_private (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *a = store_new (dir), *b = store_new (dir);
  g_autofree char *prefix =
      g_strdup_printf ("weftline-%u-%d-", (guint) geteuid (), (int) getpid ());
  g_autofree char *name = g_path_get_basename (weft_spill_store_path (a));
  struct stat info;

  g_assert_cmpuint (n_entries (dir), ==, 2); /* the second did not clean up the first */
  g_assert_true (g_str_has_prefix (name, prefix));
  g_assert_cmpint (stat (weft_spill_store_path (a), &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);
  g_assert_true (weft_spill_store_ref (a) == a);
  weft_spill_store_unref (a);
  g_assert_cmpuint (n_entries (dir), ==, 2);
  weft_spill_store_unref (a);
  g_assert_cmpuint (n_entries (dir), ==, 1);
  weft_spill_store_unref (b);
  g_assert_cmpuint (n_entries (dir), ==, 0);
  weft_spill_store_unref (NULL);
}

static void
test_missing_parents_are_errors (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *missing = g_build_filename (dir, "not", "there", NULL);
  g_autofree char *file = test_dir_write (dir, "file", "x");
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_spill_store_new (missing, &error));
  test_assert_error (&error, WEFT_SPILL_ERROR, WEFT_SPILL_ERROR_FOLDER, missing, "No such file",
                     NULL);
  g_assert_null (weft_spill_store_new (file, &error));
  test_assert_error (&error, WEFT_SPILL_ERROR, WEFT_SPILL_ERROR_FOLDER, file, NULL);
}

/* A process that spills, says so, and waits to be killed. */
static pid_t
start_victim (const char *dir, int *ready)
{
  int ends[2];
  pid_t pid;

  g_assert_cmpint (pipe (ends), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      WeftSpillStore *store = weft_spill_store_new (dir, NULL);
      uint64_t handle;
      WeftValue value;

      make_bytes (&value, 100000);
      if (store == NULL || !weft_spill_write (store, &value, WEFT_COMPRESSION_NONE, &handle, NULL)
          || write (ends[1], "x", 1) != 1)
        _exit (1);
      while (true)
        pause ();
    }
  close (ends[1]);
  *ready = ends[0];
  return pid;
}

/* What a killed process left goes with the next start; what belongs to a living one stays. */
static void
test_killed_processes_are_cleaned_up_after (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store;
  int ready[2];
  pid_t pids[2];
  char byte;

  for (guint i = 0; i < 2; i++)
    {
      pids[i] = start_victim (dir, &ready[i]);
      g_assert_cmpint (read (ready[i], &byte, 1), ==, 1);
      close (ready[i]);
    }
  g_assert_cmpuint (n_entries (dir), ==, 2);
  kill (pids[0], SIGKILL);
  g_assert_cmpint (waitpid (pids[0], NULL, 0), ==, pids[0]);

  store = store_new (dir);
  g_assert_cmpuint (n_entries (dir), ==, 2); /* one of the two, and the new one */
  weft_spill_store_unref (store);
  kill (pids[1], SIGKILL);
  g_assert_cmpint (waitpid (pids[1], NULL, 0), ==, pids[1]);
  store = store_new (dir);
  g_assert_cmpuint (n_entries (dir), ==, 1);
  weft_spill_store_unref (store);
  g_assert_cmpuint (n_entries (dir), ==, 0);
}

static char *
make_folder (const char *dir, const char *format, ...)
{
  va_list args;
  g_autofree char *name = NULL;
  char *path;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  path = g_build_filename (dir, name, NULL);
  g_assert_cmpint (mkdir (path, 0700), ==, 0);
  return path;
}

/* A dead process's id, as one just ended. */
static int
dead_pid (void)
{
  pid_t pid = fork ();

  if (pid == 0)
    _exit (0);
  waitpid (pid, NULL, 0);
  return (int) pid;
}

/* Cleaning up only touches folders that are surely left behind by this user. */
static void
test_others_are_left_alone (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autoptr (TestDir) elsewhere = test_dir_new ();
  guint uid = (guint) geteuid ();
  int dead = dead_pid ();
  g_autofree char *starting = make_folder (dir, "weftline-%u-%d-0123456789abcdef", uid, getpid ());
  g_autofree char *other = make_folder (dir, "weftline-%u-%d-0123456789abcdef", uid + 1, dead);
  g_autofree char *named = make_folder (dir, "weftline-%u-%d-0123456789abcdef.old", uid, dead);
  g_autofree char *unlocked = make_folder (dir, "weftline-%u-%d-0123456789abcdef", uid, dead);
  g_autofree char *link = g_strdup_printf ("%s/weftline-%u-%d-00000000000000ff", dir, uid, dead);
  g_autofree char *kept = test_dir_write (elsewhere, "kept", "x");
  g_autofree char *lock = test_dir_write (elsewhere, "lock", "");
  WeftSpillStore *store;

  g_assert_cmpint (symlink (elsewhere, link), ==, 0);
  store = store_new (dir);
  g_assert_true (g_file_test (starting, G_FILE_TEST_IS_DIR)); /* its process lives */
  g_assert_true (g_file_test (other, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_test (named, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS)); /* no link was followed */
  g_assert_true (g_file_test (lock, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (unlocked, G_FILE_TEST_EXISTS)); /* no lock, no process */
  weft_spill_store_unref (store);
}

/* A child of fork() that lets go of its copy leaves the parent's folder alone. */
static void
test_forked_children_leave_the_folder (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  pid_t pid = fork ();

  if (pid == 0)
    {
      weft_spill_store_unref (store);
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  g_assert_true (g_file_test (weft_spill_store_path (store), G_FILE_TEST_IS_DIR));
  weft_spill_store_unref (store);
}

/* What cannot be encoded leaves no file. */
static void
test_what_cannot_be_encoded_leaves_nothing (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  WeftSpillStore *store = store_new (dir);
  g_autoptr (GError) error = NULL;
  uint64_t handle;
  WeftValue value;

  weft_value_init_foreign (&value, &object_class, object_new ("stubborn"));
  g_assert_false (weft_spill_write (store, &value, WEFT_COMPRESSION_NONE, &handle, &error));
  test_assert_error (&error, WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_UNSUPPORTED, "stubborn", NULL);
  g_assert_cmpuint (n_entries (weft_spill_store_path (store)), ==, 1);
  weft_value_clear (&value);
  weft_spill_store_unref (store);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "spill", "values-come-back", test_values_come_back);
  test_add ("store", "spill", "disk-bytes-are-counted", test_disk_bytes_are_counted);
  test_add ("store", "spill", "spilling-takes-little-memory", test_spilling_takes_little_memory);
  test_add ("store", "spill", "threads-spill-at-once", test_threads_spill_at_once);
  test_add ("store", "spill", "lost-files-are-errors", test_lost_files_are_errors);
  test_add ("store", "spill", "damaged-files-are-errors", test_damaged_files_are_errors);
  test_add ("store", "spill", "limit-of-file-size-is-an-error",
            test_limit_of_file_size_is_an_error);
  test_add ("store", "spill", "full-disk-is-an-error", test_full_disk_is_an_error);
  test_add ("store", "spill", "folders-are-private", test_folders_are_private);
  test_add ("store", "spill", "missing-parents-are-errors", test_missing_parents_are_errors);
  test_add ("store", "spill", "killed-processes-are-cleaned-up-after",
            test_killed_processes_are_cleaned_up_after);
  test_add ("store", "spill", "others-are-left-alone", test_others_are_left_alone);
  test_add ("store", "spill", "forked-children-leave-the-folder",
            test_forked_children_leave_the_folder);
  test_add ("store", "spill", "what-cannot-be-encoded-leaves-nothing",
            test_what_cannot_be_encoded_leaves_nothing);
  return g_test_run ();
}
