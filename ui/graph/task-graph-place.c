/* task-graph-place.c: lays out what the task graph shows, on a thread beside
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is laid out belongs to the thread until it is handed over whole; then to the main thread. A
 * layout that nobody waits for any more sees its flag and gives up.
 *
 * Of a large run the groups come first, and its tasks only when they are looked for: somebody
 * zooms in, a task is searched for, or another segment comes. Where they have not been seen for a
 * while they are let go of; then it is as before. The viewport stays meanwhile: it is measured by
 * the whole, of which the tasks take the same part as the groups did. A large run without such
 * groups is laid out while the card is to be seen only, and let go of likewise.
 */
#include "config.h"

#include "graph/graph-placing.h"
#include "graph/task-graph-private.h"

#define REST_S 60
#define JOIN_LEAST_US 300000 /* from one layout to the next */
#define JOIN_SHARE 10        /* a tenth of the time */

static void
place_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, weftline_graph_placing_run (data));
}

static void
cancel_cb (GCancellable *cancellable G_GNUC_UNUSED, WeftlineGraphPlacing *placing)
{
  weftline_graph_placing_cancel (placing);
}

/* What the whole took when the viewport was set. */
typedef struct
{
  float width, height;
  double scale;
} Whole;

static void
measure_whole (WeftlineTaskGraph *self, Whole *whole)
{
  WeftlineViewport fit;

  weftline_graph_scene_size (self->scene, &whole->width, &whole->height);
  weftline_graph_scene_fit (self->scene, self->viewport.width_px, self->viewport.height_px, &fit);
  whole->scale = fit.scale;
}

static void
follow_size (WeftlineTaskGraph *self, const Whole *before)
{
  WeftlineViewport *view = &self->viewport;
  double x = view->x + view->width_px / view->scale / 2;
  double y = view->y + view->height_px / view->scale / 2;
  Whole now;

  measure_whole (self, &now);
  if (self->fitted || view->width_px <= 0 || before->width <= 0 || before->height <= 0)
    return;
  view->scale *= now.scale / before->scale;
  view->x = x * (double) (now.width / before->width) - view->width_px / view->scale / 2;
  view->y = y * (double) (now.height / before->height) - view->height_px / view->scale / 2;
}

/* What the frame refers to has gone. */
static void
drop_frame (WeftlineTaskGraph *self)
{
  weftline_scene_frame_clear (&self->frame);
  weftline_scene_frame_init (&self->frame);
  self->described = (WeftlineSceneFrame){ 0 }; /* what comes in its place is told of */
  g_byte_array_unref (self->states);
  self->states = g_byte_array_new ();
}

/* What was laid out goes into the scene. */
static void
take_placing (WeftlineTaskGraph *self, WeftlineGraphPlacing *placing)
{
  bool was_far = weftline_graph_scene_is_far (self->scene);
  const WeftlineGraphJoint *again = weftline_graph_placing_joint (placing);
  const WeftModelSnapshot *snapshot;
  Whole whole;

  measure_whole (self, &whole);
  if (again != NULL)
    drop_frame (self);
  if (!weftline_graph_placing_append (placing, self->scene, self->kept))
    self->has_far = true;
  if (was_far || again != NULL)
    follow_size (self, &whole);
  if (again != NULL)
    {
      self->n_placed = again->n_segments;
      self->n_linked = again->n_links;
    }
  else if (!was_far)
    self->n_placed++;
  if (self->is_preview && !was_far)
    self->preview_hash = weftline_graph_groups_hash (_weftline_task_graph_model (self, &snapshot),
                                                     0, weftline_graph_scene_n_tasks (self->scene));
}

static void
placed_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineTaskGraph) self = data;
  WeftlineGraphPlacing *placing = g_task_get_task_data (G_TASK (result));

  bool good = g_task_propagate_boolean (G_TASK (result), NULL);

  if (G_TASK (result) != self->task)
    return; /* nobody waits for it any more */
  self->task = NULL;
  g_clear_object (&self->placing);
  if (!good || self->session == NULL)
    return;
  if (self->dot_outcome == WEFTLINE_DOT_DONE)
    self->dot_outcome = (WeftlineDotOutcome) weftline_graph_placing_dot_outcome (placing);
  if (weftline_graph_placing_joint (placing) != NULL)
    self->join_cost_us = g_get_monotonic_time () - self->joined_us;
  take_placing (self, placing);
  self->described = (WeftlineSceneFrame){ 0 }; /* who laid it out is told anew */
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->is_revealing && !weftline_graph_scene_is_far (self->scene))
    _weftline_task_graph_reveal (self);
  _weftline_task_graph_place_next (self);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    _weftline_task_graph_rest (self, true); /* it was hidden meanwhile */
}

static void
start (WeftlineTaskGraph *self, WeftlineGraphPlacing *placing)
{
  g_autoptr (GTask) task = NULL;

  weftline_graph_placing_set_dot (placing, self->dot);
  self->placing = g_cancellable_new ();
  /* no source object: the thread might be the last to give it back */
  self->task = task = g_task_new (NULL, self->placing, placed_cb, g_object_ref (self));
  g_task_set_task_data (task, placing, weftline_graph_placing_free);
  g_cancellable_connect (self->placing, G_CALLBACK (cancel_cb), placing, NULL);
  g_task_run_in_thread (task, place_thread);
}

/* Large, and in a card that is hidden: it is laid out when it is to be seen. */
static bool
can_wait (WeftlineTaskGraph *self, const WeftModelSnapshot *snapshot)
{
  return snapshot->n_tasks > WEFTLINE_PLACING_FEW_TASKS
         && !gtk_widget_get_mapped (GTK_WIDGET (self));
}

static gboolean
again_cb (void *data)
{
  WeftlineTaskGraph *self = data;

  self->placing_again = 0;
  _weftline_task_graph_place_next (self);
  return G_SOURCE_REMOVE;
}

/* Segments that belong together are laid out anew with each that comes. That takes a part of the
 * time only, however many come; at the end all are there. Returns: whether it is for this time */
static bool
may_join (WeftlineTaskGraph *self, const WeftModelSnapshot *snapshot)
{
  int64_t wait_us = MAX (JOIN_LEAST_US, self->join_cost_us * JOIN_SHARE);
  int64_t rest_us = self->joined_us + wait_us - g_get_monotonic_time ();

  if (self->joined_us == 0 || rest_us <= 0 || snapshot->phase >= WEFT_RUN_DONE)
    return true;
  if (self->placing_again == 0)
    self->placing_again = g_timeout_add ((guint) (rest_us / 1000) + 1, again_cb, self);
  return false;
}

/* Returns: whether the run's segments are one graph, of which all is done then */
static bool
place_joined (WeftlineTaskGraph *self, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  const WeftlineGraphJoint *joint = &self->joint;

  weftline_graph_joint_grow (&self->joint, model, snapshot->n_segments);
  if ((joint->n_segments <= 1 && joint->n_links == 0) || joint->n_segments == 0
      || self->n_placed > joint->n_segments)
    return false;
  if (self->n_placed == joint->n_segments && self->n_linked == joint->n_links
      && !weftline_graph_scene_is_far (self->scene))
    return joint->n_segments == snapshot->n_segments;
  if (may_join (self, snapshot))
    {
      g_clear_handle_id (&self->placing_again, g_source_remove);
      self->joined_us = g_get_monotonic_time ();
      start (self, weftline_graph_placing_new_joined (model, joint));
    }
  return true;
}

/* A segment is laid out once all of it is there. */
void
_weftline_task_graph_place_next (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;
  WeftModel *model = _weftline_task_graph_model (self, &snapshot);
  WeftlineGraphPlacing *placing;
  bool nearer;

  if (model == NULL || self->placing != NULL)
    return;
  if (can_wait (self, snapshot) || place_joined (self, model, snapshot))
    return;
  nearer = weftline_graph_scene_is_far (self->scene)
           && (self->frame.is_waiting || self->is_revealing || snapshot->n_segments > 1);
  if (!nearer && self->n_placed >= snapshot->n_segments)
    return;
  placing =
      weftline_graph_placing_new (model, nearer ? 0 : self->n_placed, snapshot->n_groups,
                                  (nearer || self->n_placed == 0) && snapshot->n_segments == 1);
  if (placing == NULL)
    return;
  if (!nearer)
    weftline_graph_placing_set_far (placing);
  self->is_preview = model != weftline_session_model (self->session);
  if (self->is_preview && self->preview_graph == NULL)
    self->preview_graph = weft_graph_ref (weft_model_graph (model, 0));
  start (self, placing);
}

static void
drop_scene (WeftlineTaskGraph *self)
{
  weftline_graph_scene_free (self->scene); /* before what it looks at */
  self->scene = weftline_graph_scene_new ();
  g_clear_pointer (&self->preview_graph, weft_graph_unref);
  g_ptr_array_set_size (self->kept, 0);
  drop_frame (self);
  self->n_placed = self->n_linked = self->n_valued = 0;
  self->joint = (WeftlineGraphJoint){ 0 };
  self->joined_us = self->join_cost_us = 0;
  self->has_far = self->is_revealing = false;
}

void
_weftline_task_graph_place_anew (WeftlineTaskGraph *self)
{
  if (self->placing != NULL)
    g_cancellable_cancel (self->placing);
  g_clear_object (&self->placing);
  self->task = NULL;
  drop_scene (self);
  self->dot_outcome = WEFTLINE_DOT_DONE;
  self->fitted = true;
  _weftline_task_graph_place_next (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* It is the same graph; or one in the same groups, with the same edges, of which one copy is
 * enough. */
bool
_weftline_task_graph_take_over (WeftlineTaskGraph *self)
{
  WeftModel *model = weftline_session_model (self->session);
  WeftGraph *graph = model != NULL ? weft_model_graph (model, 0) : NULL;
  uint32_t n = weftline_graph_scene_n_tasks (self->scene);
  bool same = graph != NULL && graph == self->preview_graph;
  WeftlineGraphEdges edges;

  if (self->n_placed != 1 || self->placing != NULL || graph == NULL
      || weft_graph_arrays (graph)->n_tasks != n
      || (!same && weftline_graph_groups_hash (model, 0, n) != self->preview_hash))
    return false;
  weftline_graph_edges_of (graph, &edges);
  if (!same && !weftline_graph_scene_is_far (self->scene)
      && !weftline_graph_scene_move_to (self->scene, &edges))
    return false;
  g_clear_pointer (&self->preview_graph, weft_graph_unref);
  return true;
}

/* ---- letting go ------------------------------------------------------------------------------ */

void
weftline_task_graph_forget_tasks (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;

  if (self->placing != NULL || !weftline_task_graph_has_tasks (self)
      || _weftline_task_graph_model (self, &snapshot) == NULL)
    return;
  if (self->has_far && snapshot->n_segments == 1)
    {
      weftline_graph_scene_forget_tasks (self->scene); /* before what it looks at */
      g_ptr_array_set_size (self->kept, 0);
      drop_frame (self);
    }
  else if (can_wait (self, snapshot))
    drop_scene (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

bool
weftline_task_graph_has_tasks (WeftlineTaskGraph *self)
{
  return self->n_placed > 0 && !weftline_graph_scene_is_far (self->scene);
}

static gboolean
rest_cb (void *data)
{
  WeftlineTaskGraph *self = data;

  self->resting = 0;
  weftline_task_graph_forget_tasks (self);
  return G_SOURCE_REMOVE;
}

void
_weftline_task_graph_rest (WeftlineTaskGraph *self, bool resting)
{
  if (!resting)
    g_clear_handle_id (&self->resting, g_source_remove);
  else if (self->resting == 0 && weftline_task_graph_has_tasks (self)
           && weftline_graph_scene_n_tasks (self->scene) > WEFTLINE_PLACING_FEW_TASKS)
    self->resting = g_timeout_add_seconds (REST_S, rest_cb, self);
}

/* ---- by whom --------------------------------------------------------------------------------- */

void
weftline_task_graph_set_dot (WeftlineTaskGraph *self, bool dot)
{
  if (self->dot == dot)
    return;
  self->dot = dot;
  _weftline_task_graph_place_anew (self);
}

bool
weftline_task_graph_get_dot (WeftlineTaskGraph *self)
{
  return self->dot;
}

/* Edges are known when the graph is. */
bool
weftline_task_graph_can_dot (WeftlineTaskGraph *self)
{
  WeftModel *model = weftline_session_model (self->session);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  uint64_t n_edges = 0;

  for (uint32_t i = 0;
       model != NULL && i < snapshot->n_segments && snapshot->n_tasks <= WEFTLINE_DOT_MAX_TASKS;
       i++)
    if (weft_model_graph (model, i) != NULL)
      n_edges += weft_graph_arrays (weft_model_graph (model, i))->n_edges;
  return snapshot->n_tasks <= WEFTLINE_DOT_MAX_TASKS && n_edges <= WEFTLINE_DOT_MAX_EDGES;
}
