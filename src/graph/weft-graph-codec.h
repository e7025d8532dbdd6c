/* weft-graph-codec.h: a graph segment as compact bytes, piece by piece
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The form in which run files keep graph segments; data/doc/run-file.md, "Segments", describes it
 * to the byte. Everything a graph says is in it but the in-process objects of WEFT_ARG_CONSTANT, of
 * which only the places are (a reader gets the tag "constant" and a number).
 *
 * Ids are topological, so a dependency is written as the distance to the task it is read from,
 * mostly one byte; what is the same for neighbours (call, group, attributes) is written once for a
 * run of them; keys are runs too, as long as their numbers go on in equal steps.
 */
#pragma once

#include "graph/weft-graph.h"

typedef struct _WeftGraphEncoder WeftGraphEncoder;
typedef struct _WeftGraphDecoder WeftGraphDecoder;

/**
 * weft_graph_encoder_new:
 * @graph: a reference is kept
 *
 * One thread at a time. Beside the piece being made an encoder takes no memory that grows with the
 * graph, but for a number for each different string that tasks refer to.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftGraphEncoder *weft_graph_encoder_new (WeftGraph *graph);

/**
 * weft_graph_encoder_next:
 * @number: which piece is asked for: one after the other, or 0 to begin anew
 * @piece: the piece is appended; about 64 KiB unless a single task or call is larger
 * @first_task: (out): the first task the piece tells of
 * @n_tasks: (out): how many; for piece 0, the summary: how many the segment has
 *
 * Piece 0 tells name, numbers and groups, the others the rest.
 *
 * Returns: whether more pieces follow
 */
WEFT_API bool weft_graph_encoder_next (WeftGraphEncoder *encoder, uint32_t number,
                                       GByteArray *piece, uint32_t *first_task, uint32_t *n_tasks);

/**
 * weft_graph_encoder_free:
 * @encoder: (nullable)
 */
WEFT_API void weft_graph_encoder_free (WeftGraphEncoder *encoder);

/**
 * weft_graph_decoder_new:
 *
 * One thread at a time.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftGraphDecoder *weft_graph_decoder_new (void);

/**
 * weft_graph_decoder_add:
 * @piece: the content of the next piece, in order; any bytes are safe
 *
 * Returns: %FALSE with an error of WEFT_GRAPH_ERROR; the decoder is then of no further use
 */
WEFT_API bool weft_graph_decoder_add (WeftGraphDecoder *decoder, const void *piece, size_t n_bytes,
                                      GError **error);

/**
 * weft_graph_decoder_finish:
 *
 * Of an open segment, or a file that was cut off, this is the graph as far as it was told.
 *
 * Returns: (transfer full) (nullable): %NULL with an error of WEFT_GRAPH_ERROR
 */
WEFT_API WeftGraph *weft_graph_decoder_finish (WeftGraphDecoder *decoder, GError **error);

/**
 * weft_graph_decoder_free:
 * @decoder: (nullable)
 */
WEFT_API void weft_graph_decoder_free (WeftGraphDecoder *decoder);
