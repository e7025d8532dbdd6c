/* value.c: constructors of values
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A box is at most 1 KiB where it can be: what does not fit behind its struct goes into a buffer,
 * which an account is charged for. A value's n_bytes is its box and the buffers that only it holds
 * when it is made; a view on somebody else's buffer counts its box.
 */
#include "config.h"

#include "store/weft-store-private.h"

#include <stdlib.h>
#include <string.h>

const char *
weft_type_name (WeftType type)
{
  static const char *const names[] = {
    [WEFT_TYPE_EMPTY] = "empty",     [WEFT_TYPE_NONE] = "none",
    [WEFT_TYPE_BOOL] = "bool",       [WEFT_TYPE_INT64] = "int64",
    [WEFT_TYPE_FLOAT64] = "float64", [WEFT_TYPE_STRING] = "string",
    [WEFT_TYPE_BYTES] = "bytes",     [WEFT_TYPE_LIST] = "list",
    [WEFT_TYPE_RECORD] = "record",   [WEFT_TYPE_ARRAY] = "array",
    [WEFT_TYPE_TABLE] = "table",     [WEFT_TYPE_HISTOGRAM] = "histogram",
    [WEFT_TYPE_FILE] = "file",       [WEFT_TYPE_FOREIGN] = "foreign",
    [WEFT_TYPE_ERROR] = "error",     [WEFT_TYPE_MANAGED] = "managed",
  };
  const char *name = (size_t) type < G_N_ELEMENTS (names) ? names[type] : NULL;

  return name != NULL ? name : "unknown";
}

/* A box with room for n_tail bytes behind its struct, or, where that would make it too long, with a
 * buffer for them. @buffer: (out): NULL in the first case */
static WeftBox *
box_with_tail (WeftType type, size_t struct_bytes, size_t n_tail, WeftAccount *account,
               WeftBuffer **buffer)
{
  bool fits = n_tail <= WEFT_SLAB_MAX_BYTES - struct_bytes;
  WeftBox *box;

  *buffer = NULL;
  if (!fits && (*buffer = weft_buffer_new (account, n_tail)) == NULL)
    return NULL;
  box = weft_box_alloc (type, fits ? struct_bytes + n_tail : struct_bytes);
  if (box == NULL)
    {
      weft_buffer_unref (*buffer);
      return NULL;
    }
  if (!fits)
    box->n_bytes += n_tail;
  return box;
}

/* What a new view brings with it of a buffer it takes over. */
static uint64_t
sole_bytes (const WeftBuffer *buffer)
{
  return weft_buffer_is_sole (buffer) ? buffer->n_charged : 0;
}

WeftStatus
weft_value_init_string (WeftValue *value, WeftAccount *account, const char *chars, size_t n_chars)
{
  WeftBuffer *buffer;
  WeftString *string;
  char *own;

  if (n_chars > PTRDIFF_MAX)
    return WEFT_NO_MEMORY;
  string = (WeftString *) box_with_tail (WEFT_TYPE_STRING, sizeof *string, n_chars + 1, account,
                                         &buffer);
  if (string == NULL)
    return WEFT_NO_MEMORY;
  own = buffer != NULL ? (char *) buffer->bytes : (char *) (string + 1);
  if (chars != NULL)
    memcpy (own, chars, n_chars);
  own[n_chars] = '\0';
  string->n_chars = n_chars;
  string->chars = own;
  string->buffer = buffer;
  weft_value_take_box (value, &string->box);
  return WEFT_OK;
}

WeftStatus
weft_value_init_bytes (WeftValue *value, WeftAccount *account, const void *bytes, size_t n_bytes)
{
  WeftBuffer *buffer;
  WeftBytes *own;
  uint8_t *content;

  own = (WeftBytes *) box_with_tail (WEFT_TYPE_BYTES, sizeof *own, n_bytes, account, &buffer);
  if (own == NULL)
    return WEFT_NO_MEMORY;
  content = buffer != NULL ? buffer->bytes : (uint8_t *) (own + 1);
  if (bytes != NULL && n_bytes > 0)
    memcpy (content, bytes, n_bytes);
  own->bytes = content;
  own->n_bytes = n_bytes;
  own->buffer = buffer;
  weft_value_take_box (value, &own->box);
  return WEFT_OK;
}

WeftStatus
weft_value_init_bytes_buffer (WeftValue *value, WeftBuffer *buffer, size_t offset_bytes,
                              size_t n_bytes)
{
  WeftBytes *bytes;

  if (offset_bytes > buffer->n_bytes || n_bytes > buffer->n_bytes - offset_bytes)
    return WEFT_FAILED;
  bytes = (WeftBytes *) weft_box_alloc (WEFT_TYPE_BYTES, sizeof *bytes);
  if (bytes == NULL)
    return WEFT_NO_MEMORY;
  bytes->bytes = buffer->bytes + offset_bytes;
  bytes->n_bytes = n_bytes;
  bytes->buffer = buffer;
  bytes->box.n_bytes += sole_bytes (buffer);
  weft_value_take_box (value, &bytes->box);
  return WEFT_OK;
}

static void
fill_values (WeftValue *own, const WeftValue *values, size_t n)
{
  if (values != NULL && n > 0)
    memcpy (own, values, n * sizeof *values);
  for (size_t i = 0; values == NULL && i < n; i++)
    own[i] = (WeftValue) WEFT_VALUE_INIT;
}

WeftStatus
weft_value_init_list (WeftValue *value, WeftAccount *account, const WeftValue *items,
                      size_t n_items)
{
  WeftBuffer *buffer;
  WeftList *list;

  if (n_items > PTRDIFF_MAX / sizeof *items)
    return WEFT_NO_MEMORY;
  list = (WeftList *) box_with_tail (WEFT_TYPE_LIST, sizeof *list, n_items * sizeof *items, account,
                                     &buffer);
  if (list == NULL)
    return WEFT_NO_MEMORY;
  list->n_items = n_items;
  list->items = buffer != NULL ? (WeftValue *) buffer->bytes : (WeftValue *) (list + 1);
  list->buffer = buffer;
  fill_values (list->items, items, n_items);
  weft_value_take_box (value, &list->box);
  return WEFT_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

/* One allocation: the struct, its pointers, the names. */
WeftRecordShape *
weft_record_shape_new (const char *const *names, uint32_t n_fields)
{
  size_t n_bytes = sizeof (WeftRecordShape) + n_fields * sizeof (char *);
  WeftRecordShape *shape;
  char *end;

  for (uint32_t i = 0; i < n_fields; i++)
    n_bytes += strlen (names[i]) + 1;
  shape = malloc (n_bytes);
  if (shape == NULL)
    return NULL;
  atomic_init (&shape->refs, 1);
  shape->n_fields = n_fields;
  end = (char *) &shape->names[n_fields];
  for (uint32_t i = 0; i < n_fields; i++)
    {
      shape->names[i] = end;
      end = stpcpy (end, names[i]) + 1;
    }
  return shape;
}

WeftRecordShape *
weft_record_shape_ref (WeftRecordShape *shape)
{
  atomic_fetch_add_explicit (&shape->refs, 1, memory_order_relaxed);
  return shape;
}

void
weft_record_shape_unref (WeftRecordShape *shape)
{
  if (shape != NULL && atomic_fetch_sub_explicit (&shape->refs, 1, memory_order_acq_rel) == 1)
    free (shape);
}

WeftStatus
weft_value_init_record (WeftValue *value, WeftRecordShape *shape, const WeftValue *values)
{
  size_t n_bytes = sizeof (WeftRecordValue) + shape->n_fields * sizeof *values;
  WeftRecordValue *record = (WeftRecordValue *) weft_box_alloc (WEFT_TYPE_RECORD, n_bytes);

  if (record == NULL)
    return WEFT_NO_MEMORY;
  record->n_fields = shape->n_fields;
  record->shape = weft_record_shape_ref (shape);
  record->values = (WeftValue *) (record + 1);
  fill_values (record->values, values, shape->n_fields);
  weft_value_take_box (value, &record->box);
  return WEFT_OK;
}

/* ---- tables, histograms ---------------------------------------------------------------------- */

static uint64_t
buffer_share (const WeftBuffer *buffer)
{
  return buffer != NULL ? sole_bytes (buffer) : 0;
}

/* Bytes that only this column holds: nothing where it is shared. */
static uint64_t
column_sole_bytes (const WeftColumn *column)
{
  uint64_t n_bytes = sizeof *column;

  if (atomic_load_explicit (&((WeftColumn *) column)->refs, memory_order_acquire) != 1)
    return 0;
  n_bytes += buffer_share (column->validity) + buffer_share (column->offsets)
             + buffer_share (column->values);
  for (uint32_t i = 0; i < column->n_children; i++)
    n_bytes += column_sole_bytes (column->children[i]);
  return n_bytes;
}

WeftStatus
weft_value_init_table (WeftValue *value, WeftColumn **columns, uint32_t n_columns, int64_t n_rows)
{
  WeftTable *table;

  for (uint32_t i = 0; i < n_columns; i++)
    if (columns[i]->n_rows != n_rows)
      return WEFT_FAILED;
  table =
      (WeftTable *) weft_box_alloc (WEFT_TYPE_TABLE, sizeof *table + n_columns * sizeof *columns);
  if (table == NULL)
    return WEFT_NO_MEMORY;
  table->n_rows = n_rows;
  table->n_columns = n_columns;
  table->columns = (WeftColumn **) (table + 1);
  for (uint32_t i = 0; i < n_columns; i++)
    {
      table->columns[i] = columns[i];
      table->box.n_bytes += column_sole_bytes (columns[i]);
    }
  weft_value_take_box (value, &table->box);
  return WEFT_OK;
}

/* Whether the product of bins fits, and what it is. */
static bool
count_cells (const WeftHistogramAxis *axes, uint32_t n_axes, uint64_t *n_cells)
{
  *n_cells = 1;
  for (uint32_t i = 0; i < n_axes; i++)
    if (__builtin_mul_overflow (*n_cells, (uint64_t) axes[i].n_bins + 2, n_cells))
      return false;
  return *n_cells <= PTRDIFF_MAX / (2 * sizeof (double));
}

static bool
axis_copy (WeftHistogramAxis *axis, const WeftHistogramAxis *from)
{
  size_t n_bytes = ((size_t) from->n_bins + 1) * sizeof *from->edges;

  axis->n_bins = from->n_bins;
  axis->edges = malloc (n_bytes);
  if (axis->edges == NULL)
    return false;
  memcpy (axis->edges, from->edges, n_bytes);
  if (from->name != NULL)
    axis->name = strdup (from->name);
  return from->name == NULL || axis->name != NULL;
}

static bool
axes_copy (WeftHistogram *histogram, const WeftHistogramAxis *axes, uint32_t n_axes)
{
  histogram->axes = calloc (MAX (n_axes, 1), sizeof *axes);
  if (histogram->axes == NULL)
    return false;
  histogram->n_axes = n_axes;
  for (uint32_t i = 0; i < n_axes; i++)
    if (!axis_copy (&histogram->axes[i], &axes[i]))
      return false;
  return true;
}

/* Gives the caller's cells back on failure, as they were. */
WeftStatus
weft_value_init_histogram (WeftValue *value, WeftAccount *account, const WeftHistogramAxis *axes,
                           uint32_t n_axes, WeftBuffer *cells, uint64_t n_entries)
{
  WeftHistogram *histogram;
  WeftBuffer *own = cells;
  uint64_t n_cells;

  if (!count_cells (axes, n_axes, &n_cells)
      || (cells != NULL && cells->n_bytes != n_cells * 2 * sizeof (double)))
    return WEFT_FAILED;
  histogram = (WeftHistogram *) weft_box_alloc (WEFT_TYPE_HISTOGRAM, sizeof *histogram);
  if (histogram == NULL)
    return WEFT_NO_MEMORY;
  if (own == NULL && (own = weft_buffer_new (account, n_cells * 2 * sizeof (double))) != NULL)
    memset (own->bytes, 0, own->n_bytes);
  if (own == NULL || !axes_copy (histogram, axes, n_axes))
    {
      histogram->cells = cells == NULL ? own : NULL;
      weft_box_free (&histogram->box);
      return WEFT_NO_MEMORY;
    }
  histogram->n_cells = n_cells;
  histogram->cells = own;
  histogram->n_entries = n_entries;
  histogram->box.n_bytes += sole_bytes (own);
  weft_value_take_box (value, &histogram->box);
  return WEFT_OK;
}

/* ---- files, foreign objects, errors ---------------------------------------------------------- */

WeftStatus
weft_value_init_file (WeftValue *value, const char *path, uint64_t size_bytes,
                      int64_t modified_wall_ns)
{
  WeftFile *file = (WeftFile *) weft_box_alloc (WEFT_TYPE_FILE, sizeof *file);

  if (file == NULL)
    return WEFT_NO_MEMORY;
  file->path = strdup (path);
  if (file->path == NULL)
    {
      weft_box_free (&file->box);
      return WEFT_NO_MEMORY;
    }
  file->size_bytes = size_bytes;
  file->modified_wall_ns = modified_wall_ns;
  weft_value_take_box (value, &file->box);
  return WEFT_OK;
}

WeftStatus
weft_value_init_foreign (WeftValue *value, const WeftForeignClass *klass, void *object)
{
  WeftForeign *foreign = (WeftForeign *) weft_box_alloc (WEFT_TYPE_FOREIGN, sizeof *foreign);

  if (foreign == NULL)
    return WEFT_NO_MEMORY;
  foreign->klass = klass;
  foreign->object = object;
  if (klass->n_bytes != NULL)
    foreign->box.n_bytes += klass->n_bytes (object);
  weft_value_take_box (value, &foreign->box);
  return WEFT_OK;
}

WeftStatus
weft_value_init_error (WeftValue *value, WeftStatus status, const char *culprit_key,
                       uint32_t culprit_segment, uint32_t culprit_task, uint32_t attempt,
                       const char *message)
{
  WeftErrorValue *error = (WeftErrorValue *) weft_box_alloc (WEFT_TYPE_ERROR, sizeof *error);

  if (error == NULL)
    return WEFT_NO_MEMORY;
  error->status = status;
  error->culprit_segment = culprit_segment;
  error->culprit_task = culprit_task;
  error->attempt = attempt;
  if (culprit_key != NULL)
    error->culprit_key = strdup (culprit_key);
  if (message != NULL)
    error->message = strdup (message);
  if ((culprit_key != NULL && error->culprit_key == NULL)
      || (message != NULL && error->message == NULL))
    {
      weft_box_free (&error->box);
      return WEFT_NO_MEMORY;
    }
  weft_value_take_box (value, &error->box);
  return WEFT_OK;
}
