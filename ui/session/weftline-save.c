/* weftline-save.c: a run's file kept elsewhere, also while it grows
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Run files are appended to and never rewritten, so a copy that is appended to in the same order is
 * a run file at any moment, which can be opened and followed itself. Copying is done on a thread,
 * one pass at a time; a pass that begins after the run was over is the last one. The first pass
 * goes to a file beside, which then takes its name.
 */
#include "config.h"

#include "session/weftline-save.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES (1 << 20)

struct _WeftlineSave
{
  GObject parent_instance;

  WeftlineRun *run;
  char *path;
  char *beside; /* (nullable): the name until the first pass has ended; owner: the pass */
  char *error;
  int from, to;
  bool busy;
  bool again; /* there is more */
  bool last;  /* the pass that goes on is the last one */
  bool over;
};

static guint ended_signal;

G_DEFINE_FINAL_TYPE (WeftlineSave, weftline_save, G_TYPE_OBJECT)

static bool
fail (GError **error, const char *path)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), _ ("%s: %s"), path,
               g_strerror (code));
  return false;
}

/* ---- a pass ---------------------------------------------------------------------------------- */

static bool
write_all (int fd, const char *bytes, size_t n_bytes)
{
  while (n_bytes > 0)
    {
      ssize_t n = write (fd, bytes, n_bytes);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return false;
      bytes += n;
      n_bytes -= (size_t) n;
    }
  return true;
}

/* Up to the end that the file has now. */
static bool
copy (WeftlineSave *self, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  ssize_t n;

  while ((n = read (self->from, piece, PIECE_BYTES)) != 0)
    if (n < 0 && errno != EINTR)
      return fail (error, weftline_run_path (self->run));
    else if (n > 0 && !write_all (self->to, piece, (size_t) n))
      return fail (error, self->path);
  if (self->beside != NULL && g_rename (self->beside, self->path) != 0)
    return fail (error, self->path);
  g_clear_pointer (&self->beside, g_free);
  return true;
}

static void
copy_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  GError *error = NULL;

  if (copy (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* ---- one after the other --------------------------------------------------------------------- */

static void
end (WeftlineSave *self)
{
  self->over = true;
  g_signal_handlers_disconnect_by_data (self->run, self);
  g_signal_emit (self, ended_signal, 0);
  g_object_unref (self); /* of weftline_save_new() */
}

static void go_on (WeftlineSave *self);

static void
copied_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineSave) self = data;
  g_autoptr (GError) error = NULL;

  self->busy = false;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    self->error = g_strdup (error->message);
  if (self->error != NULL || self->last)
    end (self);
  else if (self->again || weftline_run_is_over (self->run))
    go_on (self);
}

static void
go_on (WeftlineSave *self)
{
  g_autoptr (GTask) task = NULL;

  self->again = self->busy;
  if (self->busy || self->over)
    return;
  self->busy = true;
  self->last = weftline_run_is_over (self->run);
  /* the callback gives this object back, on the main thread, not the task */
  task = g_task_new (NULL, NULL, copied_cb, g_object_ref (self));
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, copy_thread);
}

/* ---- the object ------------------------------------------------------------------------------ */

static gboolean
is_same_file (int fd, const char *path)
{
  struct stat one, other;

  return fstat (fd, &one) == 0 && stat (path, &other) == 0 && one.st_dev == other.st_dev
         && one.st_ino == other.st_ino;
}

static bool
open_files (WeftlineSave *self, GError **error)
{
  const char *path = weftline_run_path (self->run);

  if (path == NULL || weftline_run_feed (self->run) == NULL)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                   _ ("There is nothing to save before the start"));
      return false;
    }
  self->from = open (path, O_RDONLY | O_CLOEXEC);
  if (self->from < 0)
    return fail (error, path);
  if (is_same_file (self->from, self->path))
    {
      self->over = true;
      return true;
    }
  self->beside = g_strdup_printf ("%s.XXXXXX", self->path);
  self->to = g_mkstemp_full (self->beside, O_WRONLY | O_CLOEXEC, 0666);
  if (self->to >= 0)
    return true;
  g_clear_pointer (&self->beside, g_free);
  return fail (error, self->path);
}

static void
weftline_save_finalize (GObject *object)
{
  WeftlineSave *self = WEFTLINE_SAVE (object);

  if (self->from >= 0)
    close (self->from);
  if (self->to >= 0)
    close (self->to);
  if (self->beside != NULL)
    g_unlink (self->beside);
  g_free (self->beside);
  g_clear_object (&self->run);
  g_free (self->path);
  g_free (self->error);
  G_OBJECT_CLASS (weftline_save_parent_class)->finalize (object);
}

static void
weftline_save_class_init (WeftlineSaveClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_save_finalize;
  /**
   * WeftlineSave::ended:
   *
   * Nothing more will be written.
   */
  ended_signal = g_signal_new ("ended", WEFTLINE_TYPE_SAVE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
weftline_save_init (WeftlineSave *self)
{
  self->from = self->to = -1;
}

WeftlineSave *
weftline_save_new (WeftlineRun *run, const char *path, GError **error)
{
  g_autoptr (WeftlineSave) self = g_object_new (WEFTLINE_TYPE_SAVE, NULL);

  self->run = g_object_ref (run);
  self->path = g_strdup (path);
  if (!open_files (self, error))
    return NULL;
  if (!self->over)
    {
      g_object_ref (self); /* until its end */
      g_signal_connect_swapped (run, "changed", G_CALLBACK (go_on), self);
      go_on (self);
    }
  return g_steal_pointer (&self);
}

bool
weftline_save_is_over (WeftlineSave *self)
{
  return self->over;
}

const char *
weftline_save_error (WeftlineSave *self)
{
  return self->error;
}

const char *
weftline_save_path (WeftlineSave *self)
{
  return self->path;
}
