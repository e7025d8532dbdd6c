/* shapes.c: generators of graph shapes, for tests and measurements.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "shapes.h"

#include <stdio.h>
#include <string.h>

#define KIB ((guint64) 1024)
#define MIB (KIB * 1024)

/* Collects tasks one after the other: add_task, then its add_dep calls. */
typedef struct
{
  GArray *offsets;
  GArray *deps;
  GArray *bytes;
} Sketch;

static Sketch
sketch_begin (void)
{
  return (Sketch){
    .offsets = g_array_new (FALSE, FALSE, sizeof (guint32)),
    .deps = g_array_new (FALSE, FALSE, sizeof (guint32)),
    .bytes = g_array_new (FALSE, FALSE, sizeof (guint64)),
  };
}

static guint32
add_task (Sketch *sketch, guint64 bytes)
{
  guint32 offset = sketch->deps->len;

  g_array_append_val (sketch->offsets, offset);
  g_array_append_val (sketch->bytes, bytes);
  return sketch->offsets->len - 1;
}

static void
add_dep (Sketch *sketch, guint32 dep)
{
  g_array_append_val (sketch->deps, dep);
}

static guint32
add_reader (Sketch *sketch, guint32 dep, guint64 bytes)
{
  guint32 task = add_task (sketch, bytes);

  add_dep (sketch, dep);
  return task;
}

/* Counting sort of the edges by dependency. */
static void
shape_fill_dependents (WeftShape *shape)
{
  guint32 *offsets = g_new0 (guint32, shape->n_tasks + 1);
  guint32 sum = 0;

  shape->dependents = g_new (guint32, shape->n_edges);
  for (guint32 e = 0; e < shape->n_edges; e++)
    offsets[shape->deps[e]]++;
  for (guint32 t = 0; t <= shape->n_tasks; t++)
    {
      sum += offsets[t];
      offsets[t] = sum;
    }
  for (guint32 t = shape->n_tasks; t-- > 0;)
    for (guint32 e = shape->dep_offsets[t]; e < shape->dep_offsets[t + 1]; e++)
      shape->dependents[--offsets[shape->deps[e]]] = t;
  shape->dependent_offsets = offsets;
}

static WeftShape *
sketch_end (Sketch *sketch)
{
  WeftShape *shape = g_new0 (WeftShape, 1);
  guint32 end = sketch->deps->len;

  shape->n_tasks = sketch->offsets->len;
  shape->n_edges = end;
  g_array_append_val (sketch->offsets, end);
  shape->dep_offsets = (guint32 *) g_array_free (sketch->offsets, FALSE);
  shape->deps = (guint32 *) g_array_free (sketch->deps, FALSE);
  shape->bytes = (guint64 *) g_array_free (sketch->bytes, FALSE);
  shape_fill_dependents (shape);
  return shape;
}

void
weft_shape_free (WeftShape *shape)
{
  if (shape == NULL)
    return;
  g_free (shape->dep_offsets);
  g_free (shape->deps);
  g_free (shape->dependent_offsets);
  g_free (shape->dependents);
  g_free (shape->bytes);
  g_free (shape);
}

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014). */
static guint64
draw (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ z >> 31;
}

static guint32
draw_below (guint64 *state, guint32 bound)
{
  return (guint32) ((draw (state) >> 32) * bound >> 32);
}

WeftShape *
weft_shape_new_tree (guint n_leaves, guint fan_in)
{
  Sketch sketch = sketch_begin ();
  guint32 first = 0;
  guint32 n = MAX (n_leaves, 1);

  fan_in = MAX (fan_in, 2);
  for (guint k = 0; k < n; k++)
    add_task (&sketch, 8 * MIB);
  while (n > 1)
    {
      guint32 n_next = (n + fan_in - 1) / fan_in;

      for (guint32 k = 0; k < n_next; k++)
        {
          add_task (&sketch, 64 * KIB);
          for (guint32 j = k * fan_in; j < MIN (n, (k + 1) * fan_in); j++)
            add_dep (&sketch, first + j);
        }
      first += n;
      n = n_next;
    }
  return sketch_end (&sketch);
}

WeftShape *
weft_shape_new_stencil (guint width, guint steps)
{
  Sketch sketch = sketch_begin ();

  for (guint step = 0; step < steps; step++)
    for (guint x = 0; x < width; x++)
      {
        guint32 task = add_task (&sketch, MIB);

        if (step == 0)
          continue;
        if (x > 0)
          add_dep (&sketch, task - width - 1);
        add_dep (&sketch, task - width);
        if (x + 1 < width)
          add_dep (&sketch, task - width + 1);
      }
  return sketch_end (&sketch);
}

WeftShape *
weft_shape_new_shuffle (guint n_partitions, guint n_outputs)
{
  Sketch sketch = sketch_begin ();
  guint64 piece = 16 * MIB / MAX (n_outputs, 1);

  for (guint i = 0; i < n_partitions; i++)
    add_task (&sketch, 16 * MIB);
  for (guint i = 0; i < n_partitions; i++)
    for (guint j = 0; j < n_outputs; j++)
      add_reader (&sketch, i, piece);
  for (guint j = 0; j < n_outputs; j++)
    {
      add_task (&sketch, piece * n_partitions);
      for (guint i = 0; i < n_partitions; i++)
        add_dep (&sketch, n_partitions + i * n_outputs + j);
    }
  return sketch_end (&sketch);
}

WeftShape *
weft_shape_new_matmul (guint rows, guint inner, guint columns)
{
  Sketch sketch = sketch_begin ();
  guint32 b = rows * inner;
  guint32 products = b + inner * columns;

  for (guint k = 0; k < products; k++)
    add_task (&sketch, 8 * MIB);
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < columns; j++)
      for (guint k = 0; k < inner; k++)
        {
          add_reader (&sketch, i * inner + k, 8 * MIB);
          add_dep (&sketch, b + k * columns + j);
        }
  for (guint c = 0; c < rows * columns; c++)
    {
      add_task (&sketch, 8 * MIB);
      for (guint k = 0; k < inner; k++)
        add_dep (&sketch, products + c * inner + k);
    }
  return sketch_end (&sketch);
}

/* Slices of the neighbours' borders, then the padded block. */
static void
add_padded_block (Sketch *sketch, guint x, guint y, guint width, guint height)
{
  const int steps[4][2] = { { 0, -1 }, { -1, 0 }, { 1, 0 }, { 0, 1 } };
  guint32 slices[4];
  guint n_slices = 0;

  for (guint s = 0; s < 4; s++)
    {
      guint other_x = x + (guint) steps[s][0];
      guint other_y = y + (guint) steps[s][1];

      /* below zero wraps around to far above the bound */
      if (other_x < width && other_y < height)
        slices[n_slices++] = add_reader (sketch, other_y * width + other_x, 32 * KIB);
    }
  add_reader (sketch, y * width + x, 4 * MIB + 4 * 32 * KIB);
  for (guint s = 0; s < n_slices; s++)
    add_dep (sketch, slices[s]);
}

WeftShape *
weft_shape_new_map_overlap (guint width, guint height)
{
  Sketch sketch = sketch_begin ();

  for (guint k = 0; k < width * height; k++)
    add_task (&sketch, 4 * MIB);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        guint32 padded, mapped;

        add_padded_block (&sketch, x, y, width, height);
        padded = sketch.offsets->len - 1;
        mapped = add_reader (&sketch, padded, 4 * MIB + 4 * 32 * KIB);
        add_reader (&sketch, mapped, 4 * MIB);
      }
  return sketch_end (&sketch);
}

static guint32
add_fan (Sketch *sketch, guint32 source, guint width)
{
  guint32 first = sketch->offsets->len;
  guint32 join;

  for (guint k = 0; k < width; k++)
    add_reader (sketch, source, MIB);
  join = add_task (sketch, 4 * MIB);
  for (guint k = 0; k < width; k++)
    add_dep (sketch, first + k);
  return join;
}

WeftShape *
weft_shape_new_fan (guint width)
{
  return weft_shape_new_fork_join (1, width);
}

WeftShape *
weft_shape_new_chains (guint n_chains, guint length)
{
  Sketch sketch = sketch_begin ();

  for (guint step = 0; step < length; step++)
    for (guint c = 0; c < n_chains; c++)
      {
        guint32 task = add_task (&sketch, (1 + step % 3) * MIB);

        if (step > 0)
          add_dep (&sketch, task - n_chains);
      }
  return sketch_end (&sketch);
}

WeftShape *
weft_shape_new_fork_join (guint stages, guint width)
{
  Sketch sketch = sketch_begin ();
  guint32 source = add_task (&sketch, 4 * MIB);

  for (guint s = 0; s < stages; s++)
    source = add_fan (&sketch, source, width);
  return sketch_end (&sketch);
}

/* group blocks of rows go together into each block of columns. */
WeftShape *
weft_shape_new_rechunk (guint rows, guint columns, guint group)
{
  Sketch sketch = sketch_begin ();
  guint64 slice = 8 * MIB / MAX (columns, 1);
  guint32 slices = rows;

  group = CLAMP (group, 1, MAX (rows, 1));
  for (guint i = 0; i < rows; i++)
    add_task (&sketch, 8 * MIB);
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < columns; j++)
      add_reader (&sketch, i, slice);
  for (guint g = 0; g < rows; g += group)
    for (guint j = 0; j < columns; j++)
      {
        add_task (&sketch, slice * (MIN (rows, g + group) - g));
        for (guint i = g; i < MIN (rows, g + group); i++)
          add_dep (&sketch, slices + i * columns + j);
      }
  return sketch_end (&sketch);
}

static gboolean
reads_already (const Sketch *sketch, guint32 task, guint32 dep)
{
  guint32 first = g_array_index (sketch->offsets, guint32, task);

  for (guint32 e = first; e < sketch->deps->len; e++)
    if (g_array_index (sketch->deps, guint32, e) == dep)
      return TRUE;
  return FALSE;
}

/* From a few bytes to some megabytes, evenly on a logarithmic scale. */
static guint64
draw_bytes (guint64 *state)
{
  return ((guint64) 1 << (10 + draw_below (state, 13))) + draw_below (state, 1024);
}

WeftShape *
weft_shape_new_random_layered (guint seed, guint layers, guint width, guint degree)
{
  Sketch sketch = sketch_begin ();
  guint64 state = seed;

  for (guint layer = 0; layer < layers; layer++)
    for (guint k = 0; k < width; k++)
      {
        guint32 task = add_task (&sketch, draw_bytes (&state));
        guint n_deps = layer > 0 ? 1 + draw_below (&state, degree) : 0;

        for (guint d = 0; d < n_deps; d++)
          {
            gboolean far = layer > 1 && draw_below (&state, 8) == 0;
            guint from = far ? draw_below (&state, layer) : layer - 1;
            guint32 dep = from * width + draw_below (&state, width);

            if (!reads_already (&sketch, task, dep))
              add_dep (&sketch, dep);
          }
      }
  return sketch_end (&sketch);
}

WeftShape *
weft_shape_new_independent (guint n_tasks)
{
  return weft_shape_new_chains (n_tasks, 1);
}

WeftShape *
weft_shape_new_grid (guint width, guint height)
{
  Sketch sketch = sketch_begin ();

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        guint32 task = add_task (&sketch, MIB);

        if (y > 0)
          add_dep (&sketch, task - width);
        if (x > 0)
          add_dep (&sketch, task - 1);
      }
  return sketch_end (&sketch);
}

WeftShape *
weft_shape_new_bipartite (guint n_inputs, guint n_outputs)
{
  Sketch sketch = sketch_begin ();

  for (guint i = 0; i < n_inputs; i++)
    add_task (&sketch, MIB);
  for (guint j = 0; j < n_outputs; j++)
    {
      add_task (&sketch, 64 * KIB);
      for (guint i = 0; i < n_inputs; i++)
        add_dep (&sketch, i);
    }
  return sketch_end (&sketch);
}

WeftShape *
weft_shape_new_random (guint seed, guint n_tasks, guint degree)
{
  Sketch sketch = sketch_begin ();
  g_autoptr (WeftShape) shape = NULL;
  guint64 state = seed;

  for (guint k = 0; k < n_tasks; k++)
    {
      guint n_deps = k > 0 ? draw_below (&state, degree + 1) : 0;

      add_task (&sketch, draw_bytes (&state));
      for (guint d = 0; d < n_deps; d++)
        {
          guint32 dep = draw_below (&state, k);

          add_dep (&sketch, dep);
          if (draw_below (&state, 16) == 0)
            add_dep (&sketch, dep);
        }
    }
  shape = sketch_end (&sketch);
  return weft_shape_new_scrambled (shape, seed);
}

/* Fisher-Yates. */
static guint32 *
draw_permutation (guint32 n, guint64 *state)
{
  guint32 *ids = g_new (guint32, n);

  for (guint32 k = 0; k < n; k++)
    {
      guint32 j = draw_below (state, k + 1);

      ids[k] = ids[j];
      ids[j] = k;
    }
  return ids;
}

WeftShape *
weft_shape_new_scrambled (const WeftShape *shape, guint seed)
{
  Sketch sketch = sketch_begin ();
  guint64 state = seed;
  g_autofree guint32 *old = draw_permutation (shape->n_tasks, &state);
  g_autofree guint32 *new = g_new (guint32, shape->n_tasks);

  for (guint32 k = 0; k < shape->n_tasks; k++)
    new[old[k]] = k;
  for (guint32 k = 0; k < shape->n_tasks; k++)
    {
      add_task (&sketch, shape->bytes[old[k]]);
      for (guint32 e = shape->dep_offsets[old[k]]; e < shape->dep_offsets[old[k] + 1]; e++)
        add_dep (&sketch, new[shape->deps[e]]);
    }
  return sketch_end (&sketch);
}

static WeftShape *
shape_from_arguments (const char *name, const guint arg[4])
{
  if (g_str_equal (name, "tree"))
    return weft_shape_new_tree (arg[0], arg[1]);
  if (g_str_equal (name, "stencil"))
    return weft_shape_new_stencil (arg[0], arg[1]);
  if (g_str_equal (name, "shuffle"))
    return weft_shape_new_shuffle (arg[0], arg[1]);
  if (g_str_equal (name, "matmul"))
    return weft_shape_new_matmul (arg[0], arg[1], arg[2]);
  if (g_str_equal (name, "map-overlap"))
    return weft_shape_new_map_overlap (arg[0], arg[1]);
  if (g_str_equal (name, "fan"))
    return weft_shape_new_fan (arg[0]);
  if (g_str_equal (name, "chains"))
    return weft_shape_new_chains (arg[0], arg[1]);
  if (g_str_equal (name, "fork-join"))
    return weft_shape_new_fork_join (arg[0], arg[1]);
  if (g_str_equal (name, "rechunk"))
    return weft_shape_new_rechunk (arg[0], arg[1], arg[2]);
  if (g_str_equal (name, "random-layered"))
    return weft_shape_new_random_layered (arg[0], arg[1], arg[2], arg[3]);
  if (g_str_equal (name, "independent"))
    return weft_shape_new_independent (arg[0]);
  if (g_str_equal (name, "grid"))
    return weft_shape_new_grid (arg[0], arg[1]);
  if (g_str_equal (name, "bipartite"))
    return weft_shape_new_bipartite (arg[0], arg[1]);
  if (g_str_equal (name, "random"))
    return weft_shape_new_random (arg[0], arg[1], arg[2]);
  return NULL;
}

WeftShape *
weft_shape_new_from_spec (const char *spec)
{
  char name[32];
  guint arg[4] = { 0 };
  const char *at = strchr (spec, '@');
  WeftShape *shape, *scrambled;

  if (sscanf (spec, "%31[a-z-]:%u,%u,%u,%u", name, &arg[0], &arg[1], &arg[2], &arg[3]) < 2)
    return NULL;
  shape = shape_from_arguments (name, arg);
  if (shape == NULL || at == NULL)
    return shape;

  scrambled = weft_shape_new_scrambled (shape, (guint) g_ascii_strtoull (at + 1, NULL, 10));
  weft_shape_free (shape);
  return scrambled;
}
