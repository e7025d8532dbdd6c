/* box.c: the memory of boxes, and what goes with the last reference to one
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Freeing does not recurse: values are nested as deep as somebody's loop was long. A box whose last
 * reference goes is put on a list, linked through its n_bytes, until its turn comes.
 */
#include "config.h"

#include "store/weft-spill.h"
#include "store/weft-store-private.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static WeftBox *
box_init (WeftBox *box, WeftType type, uint32_t class_idx, size_t capacity)
{
  atomic_init (&box->refs, 1);
  box->type = (uint8_t) type;
  box->size_class = (uint8_t) class_idx;
  box->flags = 0;
  box->n_bytes = capacity;
  return box;
}

static __attribute__ ((noinline)) WeftBox *
alloc_long (WeftStoreThread *thread, WeftType type, size_t n_bytes)
{
  WeftBox *box = calloc (1, n_bytes);
  size_t capacity;

  if (box == NULL)
    return NULL;
  capacity = malloc_usable_size (box);
  if (thread != NULL)
    thread->other_bytes += (int64_t) capacity;
  return box_init (box, type, WEFT_SLAB_CLASS_MALLOC, capacity);
}

/* Whole words of 16: a class holds a multiple of that. */
static inline void
clear_behind_head (WeftBox *box, size_t n_bytes)
{
  uint64_t (*words)[2] = (void *) box;
  size_t n_words = (n_bytes + 15) / 16;

  if (n_words > 16)
    memset (words + 1, 0, (n_words - 1) * 16);
  else
    for (size_t i = 1; i < n_words; i++)
      words[i][0] = words[i][1] = 0;
}

WeftBox *
weft_box_alloc (WeftType type, size_t n_bytes)
{
  WeftStoreThread *thread = _weft_store_thread ();
  uint32_t class_idx;
  WeftBox *box;

  if (WEFT_UNLIKELY (n_bytes > WEFT_SLAB_MAX_BYTES) || WEFT_STORE_PLAIN_MALLOC)
    return alloc_long (thread, type, n_bytes);
  class_idx = _weft_slab_class (n_bytes);
  box = _weft_slab_alloc (thread, class_idx);
  if (WEFT_UNLIKELY (box == NULL))
    return NULL;
  clear_behind_head (box, n_bytes);
  return box_init (box, type, class_idx, _weft_slab_classes[class_idx].n_bytes);
}

static __attribute__ ((noinline)) void
free_long (WeftStoreThread *thread, WeftBox *box)
{
  if (thread != NULL)
    thread->other_bytes -= (int64_t) malloc_usable_size (box);
  free (box);
}

static inline void
box_release_memory (WeftBox *box)
{
  WeftStoreThread *thread = _weft_store_thread ();
  uint32_t class_idx = box->size_class;

  if (WEFT_UNLIKELY (class_idx == WEFT_SLAB_CLASS_MALLOC))
    free_long (thread, box);
  else
    _weft_slab_free (thread, box, class_idx);
}

int64_t
weft_thread_slab_bytes (void)
{
  WeftStoreThread *thread = _weft_store_thread ();

  return thread != NULL ? _weft_slab_net_bytes (thread->slabs) + thread->other_bytes : 0;
}

/* ---- what boxes hold ------------------------------------------------------------------------- */

/* Drops a hold; a box that nobody holds any more goes on the list. */
static inline void
drop (const WeftValue *value, WeftBox **todo)
{
  WeftBox *box = value->u.box;

  if (!weft_value_is_boxed (value))
    return;
  if (atomic_load_explicit (&box->refs, memory_order_acquire) != 1
      && atomic_fetch_sub_explicit (&box->refs, 1, memory_order_acq_rel) != 1)
    return;
  box->n_bytes = (uintptr_t) *todo;
  *todo = box;
}

static void
drop_all (const WeftValue *values, uint64_t n, WeftBox **todo)
{
  for (uint64_t i = 0; i < n; i++)
    drop (&values[i], todo);
}

static void
release_list (WeftList *list, WeftBox **todo)
{
  if (!list->borrowed && list->items != NULL)
    drop_all (list->items, list->n_items, todo);
  weft_buffer_unref (list->buffer);
}

static void
release_record (WeftRecordValue *record, WeftBox **todo)
{
  if (record->values != NULL)
    drop_all (record->values, record->n_fields, todo);
  weft_record_shape_unref (record->shape);
}

static void
release_table (WeftTable *table)
{
  for (uint32_t i = 0; i < table->n_columns; i++)
    weft_column_unref (table->columns[i]);
  free (table->metadata);
}

static void
release_histogram (WeftHistogram *histogram)
{
  for (uint32_t i = 0; histogram->axes != NULL && i < histogram->n_axes; i++)
    {
      free (histogram->axes[i].name);
      free (histogram->axes[i].edges);
    }
  free (histogram->axes);
  weft_buffer_unref (histogram->cells);
}

static void
release_foreign (WeftForeign *foreign)
{
  if (foreign->klass != NULL && foreign->klass->release != NULL && foreign->object != NULL)
    foreign->klass->release (foreign->object);
}

static void
release_error (WeftErrorValue *error, WeftBox **todo)
{
  free (error->culprit_key);
  free (error->kind);
  free (error->message);
  free (error->detail);
  free (error->output);
  drop (&error->exception, todo);
}

static void
release_managed (WeftManaged *managed, WeftBox **todo)
{
  if (managed->on_free != NULL)
    managed->on_free (managed);
  drop (&managed->value, todo);
  if (managed->store != NULL)
    weft_spill_drop (managed->store, managed->spill_handle);
}

static void
release_content (WeftBox *box, WeftBox **todo)
{
  switch ((WeftType) box->type)
    {
    case WEFT_TYPE_STRING:
      weft_buffer_unref (((WeftString *) box)->buffer);
      break;
    case WEFT_TYPE_BYTES:
      weft_buffer_unref (((WeftBytes *) box)->buffer);
      break;
    case WEFT_TYPE_LIST:
      release_list ((WeftList *) box, todo);
      break;
    case WEFT_TYPE_RECORD:
      release_record ((WeftRecordValue *) box, todo);
      break;
    case WEFT_TYPE_ARRAY:
      weft_buffer_unref (((WeftArray *) box)->buffer);
      break;
    case WEFT_TYPE_TABLE:
      release_table ((WeftTable *) box);
      break;
    case WEFT_TYPE_HISTOGRAM:
      release_histogram ((WeftHistogram *) box);
      break;
    case WEFT_TYPE_FILE:
      free (((WeftFile *) box)->path);
      break;
    case WEFT_TYPE_FOREIGN:
      release_foreign ((WeftForeign *) box);
      break;
    case WEFT_TYPE_ERROR:
      release_error ((WeftErrorValue *) box, todo);
      break;
    case WEFT_TYPE_MANAGED:
      release_managed ((WeftManaged *) box, todo);
      break;
    case WEFT_TYPE_EMPTY:
    case WEFT_TYPE_NONE:
    case WEFT_TYPE_BOOL:
    case WEFT_TYPE_INT64:
    case WEFT_TYPE_FLOAT64:
      break;
    }
}

static __attribute__ ((noinline)) void
free_with_content (WeftBox *box)
{
  WeftBox *todo = NULL;

  while (box != NULL)
    {
      release_content (box, &todo);
      box_release_memory (box);
      box = todo;
      if (box != NULL)
        todo = (WeftBox *) (uintptr_t) box->n_bytes;
    }
}

_Static_assert(offsetof (WeftString, buffer) == offsetof (WeftBytes, buffer), "looked at alike");

/* Short strings and bytes, the most frequent boxes, hold nothing else. */
void
weft_box_free (WeftBox *box)
{
  if (box->type <= WEFT_TYPE_BYTES && ((WeftString *) box)->buffer == NULL)
    box_release_memory (box);
  else
    free_with_content (box);
}
