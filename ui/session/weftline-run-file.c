/* weftline-run-file.c: a run file, finished or still being written by another process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All that is known of it comes from its model. It can be saved elsewhere, nothing else: whoever
 * runs it is not asked from here. While the file has no end, it is followed as long as it grows or
 * the process that wrote it has it open.
 */
#include "config.h"

#include "session/weftline-recorded.h"
#include "session/weftline-run-file.h"
#include "session/weftline-writer.h"

#include <glib/gi18n.h>
#include <sys/stat.h>

#define LOOK_MS 100
/* Without growth for so long the writer's process is looked for: it writes ten times a second. */
#define GONE_US (G_USEC_PER_SEC / 2)
/* … and, where it cannot be found out, for so long the file is taken for cut off. */
#define QUIET_US (2 * G_USEC_PER_SEC)

static void iface_init (WeftlineRunInterface *iface);

G_DEFINE_TYPE_WITH_CODE (WeftlineRunFile, weftline_run_file, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

static WeftlineCapabilities
get_capabilities (WeftlineRun *run G_GNUC_UNUSED)
{
  return WEFTLINE_CAN_SAVE;
}

static WeftlineFeed *
get_feed (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->feed;
}

static void
get_status (WeftlineRun *run, WeftlineRunStatus *status)
{
  weftline_recorded_status (WEFTLINE_RUN_FILE (run)->feed, status);
}

static const char *
get_name (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->name;
}

static const char *
get_kind (WeftlineRun *run G_GNUC_UNUSED)
{
  return _ ("file");
}

static const char *
get_path (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->path;
}

static const char *
get_message (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->message;
}

/* However often more is read: each time all figures are drawn. */
static void
tell (WeftlineRunFile *self, unsigned after_ms)
{
  if (!self->changed || !weftline_run_moves (WEFTLINE_RUN (self), &self->told, after_ms))
    return;
  self->changed = false;
  weftline_run_changed (WEFTLINE_RUN (self));
}

static void
look (WeftlineRun *run)
{
  tell (WEFTLINE_RUN_FILE (run), WEFTLINE_RUN_LOOK_MS);
}

static void
iface_init (WeftlineRunInterface *iface)
{
  iface->capabilities = get_capabilities;
  iface->feed = get_feed;
  iface->status = get_status;
  iface->name = get_name;
  iface->kind = get_kind;
  iface->path = get_path;
  iface->message = get_message;
  iface->look = look;
}

/* ---- whether it still grows ------------------------------------------------------------------ */

/* Of a run of which somebody will tell, the reason comes with that. */
static void
note_interruption (WeftlineRunFile *self)
{
  if (self->message == NULL && weftline_feed_state (self->feed) == WEFT_FEED_CUT
      && (self->reason != NULL || !self->is_told))
    self->message = weftline_recorded_dup_interruption (self->feed, 0, self->reason);
}

void
weftline_run_file_no_more (WeftlineRunFile *self, const char *reason)
{
  g_free (self->reason);
  self->reason = g_strdup (reason);
  g_clear_handle_id (&self->look_source, g_source_remove);
  if (self->feed == NULL)
    return;
  weftline_feed_no_more (self->feed);
  note_interruption (self);
}

static gboolean
look_cb (void *data)
{
  WeftlineRunFile *self = data;
  uint32_t pid = weftline_recorded_pid (self->feed);
  gint64 now = g_get_monotonic_time ();
  struct stat file;
  WeftlineWriter writer;
  g_autofree char *reason = NULL;

  tell (self, WEFTLINE_RUN_LATE_MS);
  if (self->is_told || weftline_feed_state (self->feed) != WEFT_FEED_FOLLOWING
      || stat (self->path, &file) != 0)
    return G_SOURCE_CONTINUE;
  if (file.st_size != self->n_bytes)
    {
      self->n_bytes = file.st_size;
      self->grew_at = now;
    }
  if (now - self->grew_at < GONE_US)
    return G_SOURCE_CONTINUE;
  writer = weftline_writer_look (pid, &file);
  if (writer == WEFTLINE_WRITER_HAS_IT
      || (writer != WEFTLINE_WRITER_GONE && now - self->grew_at < QUIET_US))
    return G_SOURCE_CONTINUE;
  /* Translators: why a run was interrupted */
  reason = writer == WEFTLINE_WRITER_GONE
               ? g_strdup_printf (_ ("process %u, which wrote the file, is gone"), pid)
               : g_strdup (_ ("nobody writes the file any more"));
  self->look_source = 0;
  weftline_run_file_no_more (self, reason);
  return G_SOURCE_REMOVE;
}

static void
feed_cb (WeftlineRunFile *self)
{
  WeftModelFeedState state = weftline_feed_state (self->feed);

  if (self->message == NULL && state == WEFT_FEED_BROKEN)
    self->message = weftline_feed_dup_error (self->feed);
  else
    note_interruption (self);
  self->changed = true;
  if (state < WEFT_FEED_ENDED)
    return;
  g_clear_handle_id (&self->look_source, g_source_remove);
  tell (self, 0);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_run_file_dispose (GObject *object)
{
  WeftlineRunFile *self = WEFTLINE_RUN_FILE (object);

  if (self->feed != NULL)
    g_signal_handlers_disconnect_by_func (self->feed, feed_cb, self);
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_object (&self->feed);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->message, g_free);
  G_OBJECT_CLASS (weftline_run_file_parent_class)->dispose (object);
}

static void
weftline_run_file_class_init (WeftlineRunFileClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_run_file_dispose;
}

static void
weftline_run_file_init (WeftlineRunFile *self G_GNUC_UNUSED)
{
}

void
weftline_run_file_follow (WeftlineRunFile *self, WeftlineFeed *feed)
{
  self->feed = feed;
  self->grew_at = g_get_monotonic_time ();
  self->look_source = g_timeout_add (LOOK_MS, look_cb, self);
  g_signal_connect_swapped (self->feed, "changed", G_CALLBACK (feed_cb), self);
}

WeftlineRun *
weftline_run_file_new (const char *path, GError **error)
{
  WeftlineFeed *feed = weftline_feed_new (path, error);
  WeftlineRunFile *self;

  if (feed == NULL)
    return NULL;
  self = g_object_new (WEFTLINE_TYPE_RUN_FILE, NULL);
  self->path = g_strdup (path);
  self->name = g_path_get_basename (path);
  weftline_run_file_follow (self, feed);
  return WEFTLINE_RUN (self);
}
