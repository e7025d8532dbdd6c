/* shapes.h: generators of graph shapes, for tests and measurements.
 *
 * A shape is a task graph as compressed sparse rows, both ways, with plausible
 * sizes of results. The same arguments give the same shape everywhere: nothing
 * but integers and a fixed generator of random numbers goes in.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 n_tasks;
  guint32 n_edges;
  guint32 *dep_offsets;       /* n_tasks + 1 */
  guint32 *deps;              /* n_edges; ids of dependencies */
  guint32 *dependent_offsets; /* n_tasks + 1 */
  guint32 *dependents;        /* n_edges */
  guint64 *bytes;             /* n_tasks; size of each result */
} WeftShape;

void weft_shape_free (WeftShape *shape);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftShape, weft_shape_free)

/* n_leaves sources, folded fan_in at a time into one. */
WeftShape *weft_shape_new_tree (guint n_leaves, guint fan_in);
/* steps rows of width cells; each reads three neighbours of the row before. */
WeftShape *weft_shape_new_stencil (guint width, guint steps);
/* n_partitions inputs, each cut into n_outputs pieces, one for each output. */
WeftShape *weft_shape_new_shuffle (guint n_partitions, guint n_outputs);
/* C = A B in blocks: products, then one sum for each block of C. */
WeftShape *weft_shape_new_matmul (guint rows, guint inner, guint columns);
/* Blocks of a plane, padded with slices of their four neighbours, mapped. */
WeftShape *weft_shape_new_map_overlap (guint width, guint height);
/* One source, width tasks that read it, one task that reads them. */
WeftShape *weft_shape_new_fan (guint width);
WeftShape *weft_shape_new_chains (guint n_chains, guint length);
/* stages fans, one after the other. */
WeftShape *weft_shape_new_fork_join (guint stages, guint width);
/* Blocks of rows become blocks of columns: slices, then concatenations. */
WeftShape *weft_shape_new_rechunk (guint rows, guint columns, guint group);
/* layers of width tasks; each reads 1 to degree tasks of the layer before and
 * sometimes one from further back. Sizes are drawn too. */
WeftShape *weft_shape_new_random_layered (guint seed, guint layers, guint width, guint degree);
WeftShape *weft_shape_new_independent (guint n_tasks);
/* A plane in which a cell reads its upper and its left neighbour. */
WeftShape *weft_shape_new_grid (guint width, guint height);
/* Every one of n_outputs tasks reads every one of n_inputs sources. */
WeftShape *weft_shape_new_bipartite (guint n_inputs, guint n_outputs);
/* Any graph: up to degree dependencies, ids in no order, edges now and then
 * double, several components. */
WeftShape *weft_shape_new_random (guint seed, guint n_tasks, guint degree);

/* The same graph under ids drawn at random. */
WeftShape *weft_shape_new_scrambled (const WeftShape *shape, guint seed);

/* From text such as "stencil:100,50", optionally with "@seed" at the end to
 * scramble the ids; NULL if it is not understood. */
WeftShape *weft_shape_new_from_spec (const char *spec);

G_END_DECLS
