/* weftline-preview.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-preview.h"

#include <gio/gio.h>

struct _WeftlinePreview
{
  GObject parent_instance;

  GCancellable *cancel;
  WeftModel *model; /* (nullable) */
  WeftModelSnapshot snapshot;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlinePreview, weftline_preview, G_TYPE_OBJECT)

/* ---- on the thread --------------------------------------------------------------------------- */

static void
make_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
             GCancellable *cancel G_GNUC_UNUSED)
{
  WeftModel *model = weft_model_new_for_graph (data);

  weft_model_finish (model, false);
  g_task_return_pointer (task, model, (GDestroyNotify) weft_model_unref);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
made_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlinePreview) self = data;
  WeftModel *model = g_task_propagate_pointer (G_TASK (result), NULL);

  if (model == NULL) /* nobody waits for it */
    return;
  self->model = model;
  weft_model_snapshot (model, &self->snapshot);
  self->snapshot.phase = WEFT_RUN_PREPARED;
  g_signal_emit (self, changed_signal, 0);
}

static void
weftline_preview_finalize (GObject *object)
{
  WeftlinePreview *self = WEFTLINE_PREVIEW (object);

  g_object_unref (self->cancel);
  if (self->model != NULL)
    weft_model_unref (self->model);
  G_OBJECT_CLASS (weftline_preview_parent_class)->finalize (object);
}

static void
weftline_preview_class_init (WeftlinePreviewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_preview_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_PREVIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
weftline_preview_init (WeftlinePreview *self)
{
  self->cancel = g_cancellable_new ();
}

WeftlinePreview *
weftline_preview_new (WeftGraph *graph)
{
  WeftlinePreview *self = g_object_new (WEFTLINE_TYPE_PREVIEW, NULL);
  /* no source object: the thread might be the last to give it back */
  g_autoptr (GTask) task = g_task_new (NULL, self->cancel, made_cb, g_object_ref (self));

  g_task_set_task_data (task, weft_graph_ref (graph), (GDestroyNotify) weft_graph_unref);
  g_task_run_in_thread (task, make_thread);
  return self;
}

void
weftline_preview_cancel (WeftlinePreview *self)
{
  g_cancellable_cancel (self->cancel);
}

WeftModel *
weftline_preview_model (WeftlinePreview *self)
{
  return self->model;
}

const WeftModelSnapshot *
weftline_preview_snapshot (WeftlinePreview *self)
{
  return &self->snapshot;
}
