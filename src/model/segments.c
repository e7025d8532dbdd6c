/* segments.c: graph segments, piece by piece
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A piece is looked at in outline at once (outline.c): how many tasks there are, of which groups.
 * Small segments are decoded on the spot. Large ones (more than DECODE_BESIDE tasks) go to a thread
 * of their own, piece by piece, and the graph is taken in when it is done; what is wrong with them
 * is told with a later frame.
 *
 * A graph that this process has already, and is told to expect (weft_model_expect_graph()), is not
 * decoded: it is taken with the first piece, which is compared, and the others are passed over. The
 * run that they are of is the one that was meant, as the tag in each frame's head is random; what
 * they say is what the encoder made of this very graph. So nothing is looked at but their order.
 * That they came whole the reader has checked, as of all frames: where a file that grows ends it is
 * told by the checksum alone.
 *
 * A segment that grows is announced again. Its pieces are kept, and decoded anew each time they are
 * complete; the graphs before stay for those who still look at them.
 */
#include "config.h"

#include "graph/weft-graph-private.h"
#include "model/weft-model-private.h"
#include "model/weft-outline-private.h"

#include <pthread.h>
#include <string.h>

#define DECODE_BESIDE 50000u

struct _WeftGraphJob
{
  WeftGraphDecoder *decoder;
  const _Atomic bool *cancelled; /* the model's */
  bool beside;
  /* beside: how it went, published with done */
  WeftGraph *graph;
  GError *error;
  _Atomic bool done; /* atomic: release by the decoding thread */
};

typedef struct
{
  WeftGraphJob *job; /* (nullable): the thread is to end */
  GBytes *piece;     /* (nullable): there are no more of this job */
} WeftPieceToDecode;

/* ---- decoding -------------------------------------------------------------------------------- */

static void
job_free (WeftGraphJob *job)
{
  if (job == NULL)
    return;
  weft_graph_decoder_free (job->decoder);
  weft_graph_unref (job->graph);
  g_clear_error (&job->error);
  g_free (job);
}

static void
decode_one (WeftPieceToDecode *work)
{
  WeftGraphJob *job = work->job;

  if (job->error == NULL && atomic_load_explicit (job->cancelled, memory_order_relaxed))
    _weft_model_fail (&job->error, "the graph was not decoded, as nobody wants it any more");
  if (work->piece == NULL)
    {
      if (job->error == NULL)
        job->graph = weft_graph_decoder_finish (job->decoder, &job->error);
      g_clear_pointer (&job->decoder, weft_graph_decoder_free);
      atomic_store_explicit (&job->done, true, memory_order_release);
      return;
    }
  if (job->error == NULL)
    weft_graph_decoder_add (job->decoder, g_bytes_get_data (work->piece, NULL),
                            g_bytes_get_size (work->piece), &job->error);
  g_bytes_unref (work->piece);
}

struct _WeftDecoder
{
  pthread_t thread;
  bool started;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  GQueue works; /* lock: WeftPieceToDecode */
};

static WeftPieceToDecode *
next_work (WeftDecoder *decoder)
{
  WeftPieceToDecode *work;

  pthread_mutex_lock (&decoder->lock);
  while ((work = g_queue_pop_head (&decoder->works)) == NULL)
    pthread_cond_wait (&decoder->wake, &decoder->lock);
  pthread_mutex_unlock (&decoder->lock);
  return work;
}

static void *
decoder_thread (void *data)
{
  bool more = true;

  while (more)
    {
      WeftPieceToDecode *work = next_work (data);

      more = work->job != NULL;
      if (more)
        decode_one (work);
      g_free (work);
    }
  return NULL;
}

static WeftDecoder *
decoder_new (void)
{
  WeftDecoder *decoder = g_new0 (WeftDecoder, 1);

  pthread_mutex_init (&decoder->lock, NULL);
  pthread_cond_init (&decoder->wake, NULL);
  g_queue_init (&decoder->works);
  return decoder;
}

/* Without a thread the work is done on the spot. */
static void
start (WeftDecoder *decoder)
{
  if (decoder->started)
    return;
  decoder->started = pthread_create (&decoder->thread, NULL, decoder_thread, decoder) == 0;
  while (!decoder->started && !g_queue_is_empty (&decoder->works))
    {
      WeftPieceToDecode *work = g_queue_pop_head (&decoder->works);

      if (work->job != NULL)
        decode_one (work);
      g_free (work);
    }
}

static void
send (WeftModel *model, WeftGraphJob *job, GBytes *piece)
{
  WeftPieceToDecode *work = g_new (WeftPieceToDecode, 1);

  *work = (WeftPieceToDecode){ job, piece };
  if (model->decoder == NULL)
    model->decoder = decoder_new ();
  pthread_mutex_lock (&model->decoder->lock);
  g_queue_push_tail (&model->decoder->works, work);
  pthread_cond_signal (&model->decoder->wake);
  pthread_mutex_unlock (&model->decoder->lock);
  start (model->decoder);
}

static WeftGraphJob *
job_new (const WeftModel *model, bool beside)
{
  WeftGraphJob *job = g_new0 (WeftGraphJob, 1);

  job->cancelled = &model->decode_cancelled;
  job->decoder = weft_graph_decoder_new ();
  job->beside = beside;
  return job;
}

static bool
job_add (WeftModel *model, WeftGraphJob *job, const void *bytes, size_t n_bytes, GError **error)
{
  if (!job->beside)
    return weft_graph_decoder_add (job->decoder, bytes, n_bytes, error);
  send (model, job, g_bytes_new (bytes, n_bytes));
  return true;
}

/* ---- taking a graph in ----------------------------------------------------------------------- */

static void
set_graph (WeftModel *model, WeftModelSegment *segment, WeftGraph *graph)
{
  WeftGraph *before = atomic_load_explicit (&segment->graph, memory_order_relaxed);

  if (before != NULL)
    g_ptr_array_add (model->old_graphs, before);
  atomic_store_explicit (&segment->graph, graph, memory_order_release);
  _weft_segment_count (model, segment);
  _weft_model_finish_parents (model);
}

/* The job is done. */
static void
take_graph (WeftModel *model, WeftModelSegment *segment)
{
  WeftGraphJob *job = g_steal_pointer (&segment->job);

  _weft_add (model->n_changes, 1u);
  if (job->graph != NULL)
    set_graph (model, segment, g_steal_pointer (&job->graph));
  else
    {
      segment->broken = true;
      if (model->late_error == NULL)
        model->late_error = g_steal_pointer (&job->error);
    }
  job_free (job);
}

static bool
is_done (const WeftModelSegment *segment)
{
  return atomic_load_explicit (&segment->job->done, memory_order_acquire);
}

void
_weft_model_stop_decoder (WeftModel *model)
{
  WeftDecoder *decoder = model->decoder;

  if (decoder == NULL)
    return;
  send (model, NULL, NULL);
  model->decoder = NULL;
  if (decoder->started)
    pthread_join (decoder->thread, NULL);
  pthread_cond_destroy (&decoder->wake);
  pthread_mutex_destroy (&decoder->lock);
  g_free (decoder);
}

/* The file ended before the segment did: as far as it was told. */
static void
finish_incomplete (WeftModel *model, WeftModelSegment *segment)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  if (segment->job == NULL || segment->complete)
    return;
  if (segment->job->beside)
    {
      send (model, segment->job, NULL);
      g_ptr_array_add (model->decoding, segment);
      return;
    }
  graph = weft_graph_decoder_finish (segment->job->decoder, &error);
  g_clear_pointer (&segment->job, job_free);
  if (graph != NULL)
    set_graph (model, segment, graph);
}

void
_weft_model_take_graphs (WeftModel *model, bool wait)
{
  if (wait)
    {
      for (uint32_t i = 0; i < _weft_get (model->n_segments); i++)
        if (_weft_model_segment (model, i) != NULL)
          finish_incomplete (model, _weft_model_segment (model, i));
      _weft_model_stop_decoder (model);
    }
  for (guint i = 0; i < model->decoding->len;)
    {
      WeftModelSegment *segment = model->decoding->pdata[i];

      if (segment->job != NULL && !is_done (segment))
        {
          i++;
          continue;
        }
      if (segment->job != NULL)
        take_graph (model, segment);
      g_ptr_array_remove_index (model->decoding, i);
    }
}

/* ---- announcing ------------------------------------------------------------------------------ */

void
_weft_model_segment_free (WeftModelSegment *segment)
{
  if (segment == NULL)
    return;
  weft_graph_unref (atomic_load_explicit (&segment->graph, memory_order_relaxed));
  job_free (segment->job);
  g_free (segment->groups);
  g_free (segment->n_left);
  g_free (segment->readers);
  g_clear_pointer (&segment->more_readers, g_hash_table_unref);
  g_free (segment->sources);
  _weft_ready_clear (segment);
  if (segment->kept != NULL)
    {
      g_byte_array_unref (segment->kept);
      g_array_unref (segment->kept_ends);
    }
  g_free (segment);
}

/* Numbers for n more tasks of the segment. */
static void
add_range (WeftModel *model, WeftModelSegment *segment, uint32_t n)
{
  uint32_t number = _weft_get (model->n_ranges), first = _weft_get (model->n_tasks);
  WeftTaskRange *range = _weft_blocks_grow (&model->ranges, number, sizeof *range);

  range->first = first;
  range->n = n;
  range->segment = segment->number;
  range->number = segment->n_tasks;
  if (segment->n_ranges++ == 0)
    {
      segment->first_range = number;
      segment->first = first;
    }
  else
    atomic_store_explicit (&_weft_model_range (model, segment->last_range)->next, number + 1,
                           memory_order_release);
  segment->last_range = number;
  segment->n_tasks += n;
  atomic_store_explicit (&model->n_ranges, number + 1, memory_order_release);
}

/* What the groups have more than they had. */
static void
add_groups (WeftModel *model, WeftModelSegment *segment, const WeftOutline *outline)
{
  uint32_t n = outline->names->len;

  segment->groups = g_renew (uint16_t, segment->groups, n);
  segment->n_left = g_renew (uint32_t, segment->n_left, n);
  for (uint32_t g = 0; g < n; g++)
    {
      WeftModelGroupData *group;

      segment->groups[g] = _weft_model_add_group (model, outline->names->pdata[g]);
      segment->n_left[g] = g_array_index (outline->counts, uint32_t, g);
      group = _weft_model_group (model, segment->groups[g]);
      _weft_add (group->n_tasks, segment->n_left[g]);
      _weft_add (group->n_states[WEFT_TASK_WAITING], segment->n_left[g]);
    }
  segment->n_groups = n;
}

/* Of a segment that grew: its groups as they were go first, as the new summary counts them too. */
static void
forget_groups (WeftModel *model, WeftModelSegment *segment, const WeftOutline *outline)
{
  for (uint32_t g = 0; g < outline->names->len; g++)
    {
      uint32_t *count = &g_array_index (outline->counts, uint32_t, g);

      for (uint32_t number = 0; number < segment->n_told; number++)
        {
          uint32_t task = _weft_segment_task (model, segment, number);

          *count -= weft_model_task_group (model, task)
                    == _weft_model_add_group (model, outline->names->pdata[g]);
        }
    }
}

static void
publish_segment (WeftModel *model, WeftModelSegment *segment)
{
  _Atomic (WeftModelSegment *) *place =
      _weft_blocks_grow (&model->segments, segment->number, sizeof *place);

  atomic_store_explicit (place, segment, memory_order_release);
  if (segment->number >= _weft_get (model->n_segments))
    atomic_store_explicit (&model->n_segments, segment->number + 1, memory_order_release);
}

static void
announce (WeftModel *model, WeftModelSegment *segment, const WeftOutline *outline)
{
  uint32_t n = outline->n_tasks - segment->n_tasks;

  add_range (model, segment, n);
  add_groups (model, segment, outline);
  _weft_add (model->n_states[WEFT_TASK_WAITING], n);
  if (segment->n_ranges == 1)
    publish_segment (model, segment);
  atomic_store_explicit (&model->n_tasks, _weft_get (model->n_tasks) + n, memory_order_release);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* The runs are of groups that were announced, no more than that. */
static bool
runs_fit (const WeftModelSegment *segment, const WeftOutline *outline)
{
  const uint32_t *n_left =
      outline->summarised ? (const uint32_t *) (void *) outline->counts->data : segment->n_left;
  uint32_t n_groups = outline->summarised ? outline->names->len : segment->n_groups;
  g_autofree uint32_t *n_used = g_new0 (uint32_t, n_groups);

  for (guint i = 0; i < outline->runs->len; i++)
    {
      const WeftGroupRun *run = &g_array_index (outline->runs, WeftGroupRun, i);

      if (run->group >= n_groups || run->n > n_left[run->group] - n_used[run->group])
        return false;
      n_used[run->group] += run->n;
    }
  return true;
}

static void
tell_run (WeftModel *model, WeftModelSegment *segment, const WeftGroupRun *run)
{
  segment->n_left[run->group] -= run->n;
  for (uint32_t left = run->n; left > 0;)
    {
      uint32_t first = _weft_segment_task (model, segment, segment->n_told);
      const WeftTaskRange *range = _weft_model_range (
          model, segment->n_ranges == 1 ? segment->first_range : segment->last_range);
      uint32_t n = MIN (left, range->first + range->n - first);

      _weft_model_grow_tasks (model, first, n, segment->groups[run->group]);
      segment->n_told += n;
      left -= n;
    }
}

static void
tell (WeftModel *model, WeftModelSegment *segment, const WeftOutline *outline)
{
  for (guint i = 0; i < outline->runs->len; i++)
    tell_run (model, segment, &g_array_index (outline->runs, WeftGroupRun, i));
}

static bool
outline_fits (const WeftModel *model, const WeftModelSegment *segment, const WeftSegmentHead *head,
              const WeftOutline *outline)
{
  uint32_t n_tasks = segment != NULL ? segment->n_tasks : 0;
  uint32_t n_told = segment != NULL ? segment->n_told : 0;

  if (((head->flags & WEFT_SEGMENT_FIRST) != 0) != outline->summarised)
    return false;
  if (outline->summarised
      && (outline->n_tasks < n_tasks
          || outline->n_tasks - n_tasks > WEFT_GRAPH_MAX_TASKS - _weft_get (model->n_tasks)))
    return false;
  if (outline->summarised)
    n_tasks = outline->n_tasks;
  if (outline->n_told > 0 && (outline->first_task != n_told || outline->n_told > n_tasks - n_told))
    return false;
  return (head->flags & WEFT_SEGMENT_LAST) == 0 || n_told + outline->n_told == n_tasks;
}

static bool
head_fits (WeftModel *model, const WeftModelSegment *segment, const WeftSegmentHead *head)
{
  bool first = (head->flags & WEFT_SEGMENT_FIRST) != 0;
  const WeftModelSegment *parent;

  if (segment == NULL)
    {
      if (!first || head->segment >= WEFT_MODEL_MAX_SEGMENTS)
        return false;
      if (head->parent_segment == WEFT_NONE || head->parent_task == WEFT_NONE)
        return true;
      parent = _weft_model_segment (model, head->parent_segment);
      return parent != NULL && head->parent_task < parent->n_tasks;
    }
  if (segment->broken)
    return false;
  if (first)
    return segment->complete && segment->open;
  return !segment->complete && head->piece == segment->next_piece;
}

/* Of a segment that may grow: all pieces so far are decoded anew. */
static bool
decode_kept (WeftModelSegment *segment, WeftGraph **graph, GError **error)
{
  WeftGraphDecoder *decoder = weft_graph_decoder_new ();
  size_t from = 0;
  bool ok = true;

  for (guint i = 0; i < segment->kept_ends->len && ok; i++)
    {
      size_t to = g_array_index (segment->kept_ends, size_t, i);

      ok = weft_graph_decoder_add (decoder, segment->kept->data + from, to - from, error);
      from = to;
    }
  *graph = ok ? weft_graph_decoder_finish (decoder, error) : NULL;
  weft_graph_decoder_free (decoder);
  return *graph != NULL;
}

static void
keep (WeftModelSegment *segment, const WeftRunText *content)
{
  size_t end;

  if (segment->kept == NULL)
    {
      segment->kept = g_byte_array_new ();
      segment->kept_ends = g_array_new (FALSE, FALSE, sizeof (size_t));
    }
  g_byte_array_append (segment->kept, (const uint8_t *) content->chars, (guint) content->n_bytes);
  end = segment->kept->len;
  g_array_append_val (segment->kept_ends, end);
}

/* Gives the piece to the decoder. @graph: (out): of the last piece, unless it is decoded beside */
static bool
decode (WeftModel *model, WeftModelSegment *segment, const WeftSegmentHead *head,
        const WeftRunText *content, WeftGraph **graph, GError **error)
{
  bool last = (head->flags & WEFT_SEGMENT_LAST) != 0;

  if (segment->open)
    {
      keep (segment, content);
      return !last || decode_kept (segment, graph, error);
    }
  if (!job_add (model, segment->job, content->chars, content->n_bytes, error))
    return false;
  if (last && segment->job->beside)
    send (model, segment->job, NULL);
  else if (last)
    *graph = weft_graph_decoder_finish (segment->job->decoder, error);
  return !last || segment->job->beside || *graph != NULL;
}

static WeftModelSegment *
segment_new (WeftModel *model, const WeftSegmentHead *head)
{
  WeftModelSegment *segment = g_new0 (WeftModelSegment, 1);
  const WeftModelSegment *parent = NULL;

  segment->number = head->segment;
  segment->parent = WEFT_NONE;
  atomic_init (&segment->told_ns, model->n_nows > 0 ? INT64_MAX : INT64_MIN);
  segment->open = (head->flags & WEFT_SEGMENT_OPEN) != 0;
  if (head->parent_task != WEFT_NONE && head->parent_segment != WEFT_NONE)
    parent = _weft_model_segment (model, head->parent_segment);
  if (parent != NULL)
    segment->parent = _weft_segment_task (model, parent, head->parent_task);
  return segment;
}

static void
set_parent (WeftModel *model, WeftModelSegment *segment)
{
  if (segment->parent == WEFT_NONE)
    return;
  if (_weft_model_page (model, segment->parent) == NULL)
    _weft_model_grow_tasks (model, segment->parent, 1, WEFT_NO_GROUP);
  g_hash_table_insert (model->stand_ins, GUINT_TO_POINTER (segment->parent + 1), segment);
}

/* The piece was found right. */
static void
apply (WeftModel *model, WeftModelSegment *segment, const WeftSegmentHead *head,
       WeftOutline *outline, WeftGraph *graph)
{
  if (outline->summarised)
    {
      if (segment->n_ranges > 0)
        forget_groups (model, segment, outline);
      else
        set_parent (model, segment);
      announce (model, segment, outline);
      segment->open = (head->flags & WEFT_SEGMENT_OPEN) != 0;
    }
  segment->complete = (head->flags & WEFT_SEGMENT_LAST) != 0;
  segment->next_piece = head->piece + 1;
  tell (model, segment, outline);
  if (segment->complete && segment->job != NULL && segment->job->beside)
    g_ptr_array_add (model->decoding, segment);
  if (graph == NULL)
    return;
  g_clear_pointer (&segment->job, job_free);
  set_graph (model, segment, graph);
}

static bool
fail_piece (const WeftSegmentHead *head, GError **error)
{
  return _weft_model_fail (error, "piece %u of segment %u is not as it should be", head->piece,
                           head->segment);
}

/* ---- a graph that is known ------------------------------------------------------------------- */

void
_weft_model_clear_expected (WeftModel *model)
{
  weft_graph_unref (model->expected.graph);
  model->expected = (WeftExpectedGraph){ 0 };
}

void
weft_model_expect_graph (WeftModel *model, uint64_t run_tag, uint32_t segment, WeftGraph *graph)
{
  _weft_model_clear_expected (model);
  if (!_weft_graph_has_constants (graph))
    model->expected = (WeftExpectedGraph){ weft_graph_ref (graph), run_tag, segment };
}

/* The first piece of a graph, as a recorder writes it. (transfer full) */
static GByteArray *
encode_summary (WeftGraph *graph)
{
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  GByteArray *piece = g_byte_array_new ();
  uint32_t first, n;

  weft_graph_encoder_next (encoder, 0, piece, &first, &n);
  weft_graph_encoder_free (encoder);
  return piece;
}

/* Whether the first piece of a segment is of the graph that is expected. */
static bool
is_expected (const WeftModel *model, uint64_t run_tag, const WeftSegmentHead *head,
             const WeftRunText *content)
{
  const WeftExpectedGraph *expected = &model->expected;
  g_autoptr (GByteArray) summary = NULL;

  if (expected->graph == NULL || expected->run_tag != run_tag || expected->segment != head->segment
      || head->flags & WEFT_SEGMENT_OPEN)
    return false;
  summary = encode_summary (expected->graph);
  return summary->len == content->n_bytes
         && memcmp (summary->data, content->chars, content->n_bytes) == 0;
}

/* All tasks of the graph at once, and the graph, of which a reference is taken over. */
static void
take_whole (WeftModel *model, const WeftSegmentHead *head, WeftOutline *outline, WeftGraph *graph)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  WeftModelSegment *segment = segment_new (model, head);

  segment->taken = true;
  apply (model, segment, head, outline, NULL);
  for (uint32_t task = 0; task < arrays->n_tasks;)
    {
      WeftGroupRun run = { 1, arrays->group_of_task[task] };

      while (task + run.n < arrays->n_tasks && arrays->group_of_task[task + run.n] == run.group)
        run.n++;
      tell_run (model, segment, &run);
      task += run.n;
    }
  set_graph (model, segment, graph);
}

/* A further piece of a graph that was taken: that it is in its place is all that is asked. */
static bool
pass_piece (WeftModel *model, WeftModelSegment *segment, const WeftSegmentHead *head,
            GError **error)
{
  bool last = (head->flags & WEFT_SEGMENT_LAST) != 0;

  if (!head_fits (model, segment, head)
      || (head->n_tasks > 0
          && (head->first_task != segment->n_passed
              || head->n_tasks > segment->n_tasks - segment->n_passed))
      || (last && segment->n_passed + head->n_tasks != segment->n_tasks))
    return fail_piece (head, error);
  segment->n_passed += head->n_tasks;
  segment->next_piece = head->piece + 1;
  segment->complete = last;
  return true;
}

WeftModel *
weft_model_new_for_graph (WeftGraph *graph)
{
  static const WeftSegmentHead head = { .flags = WEFT_SEGMENT_FIRST | WEFT_SEGMENT_LAST,
                                        .parent_segment = WEFT_NONE,
                                        .parent_task = WEFT_NONE };
  g_autoptr (GByteArray) summary = encode_summary (graph);
  WeftModel *model = weft_model_new ();
  WeftOutline outline;

  _weft_outline_init (&outline);
  _weft_outline_take (&outline, summary->data, summary->len);
  take_whole (model, &head, &outline, weft_graph_ref (graph));
  _weft_outline_clear (&outline);
  _weft_add (model->n_changes, 1u);
  _weft_add (model->serial, 1u);
  return model;
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* It is found right, and decoded. */
static bool
add_content (WeftModel *model, WeftModelSegment *segment, const WeftSegmentHead *head,
             const WeftRunText *content, WeftOutline *outline, GError **error)
{
  bool is_new = segment == NULL;
  WeftGraph *graph = NULL;

  if (is_new)
    segment = segment_new (model, head);
  if (is_new && !segment->open)
    segment->job = job_new (model, outline->n_tasks > DECODE_BESIDE);
  if (!decode (model, segment, head, content, &graph, error))
    {
      if (is_new)
        _weft_model_segment_free (segment);
      else
        segment->broken = true;
      return false;
    }
  apply (model, segment, head, outline, graph);
  return true;
}

static bool
add_piece (WeftModel *model, uint64_t run_tag, const WeftSegmentHead *head,
           const WeftRunText *content, WeftOutline *outline, GError **error)
{
  WeftModelSegment *segment = _weft_model_segment (model, head->segment);

  if (!head_fits (model, segment, head)
      || !_weft_outline_take (outline, content->chars, content->n_bytes)
      || !outline_fits (model, segment, head, outline)
      || (!(segment != NULL && outline->summarised) && !runs_fit (segment, outline)))
    return fail_piece (head, error);
  if (segment != NULL || !is_expected (model, run_tag, head, content))
    return add_content (model, segment, head, content, outline, error);
  take_whole (model, head, outline, g_steal_pointer (&model->expected.graph));
  return true;
}

bool
_weft_model_add_segment (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  WeftModelSegment *segment;
  WeftSegmentHead head;
  WeftRunText content;
  WeftOutline outline;
  bool ok;

  if (!weft_run_frame_segment (frame, &head, &content))
    return _weft_model_fail (error, "a SEGMENT frame is not as it should be");
  segment = _weft_model_segment (model, head.segment);
  if (segment != NULL && segment->taken)
    return pass_piece (model, segment, &head, error);
  _weft_outline_init (&outline);
  ok = add_piece (model, frame->head.run_tag, &head, &content, &outline, error);
  _weft_outline_clear (&outline);
  return ok;
}
