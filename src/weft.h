/* weft.h: all public headers of the library
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-base.h"
#include "base/weft-clock.h"
#include "base/weft-version.h"

#include "graph/weft-graph-builder.h"
#include "graph/weft-graph-codec.h"
#include "graph/weft-graph-file.h"
#include "graph/weft-graph-rebuild.h"
#include "graph/weft-graph.h"

#include "optimize/weft-pass.h"

#include "store/weft-buffer.h"
#include "store/weft-codec.h"
#include "store/weft-runtime.h"
#include "store/weft-spill.h"
#include "store/weft-value.h"

#include "kernels/weft-op.h"

#include "trace/weft-record.h"
#include "trace/weft-recorder.h"
#include "trace/weft-run-file.h"
#include "trace/weft-run-reader.h"

#include "sched/weft-engine.h"

#include "model/weft-account.h"
#include "model/weft-eta.h"
#include "model/weft-held.h"
#include "model/weft-model.h"
#include "model/weft-past.h"
#include "model/weft-spans.h"

#include "server/weft-client.h"
#include "server/weft-server.h"
#include "server/weft-watcher.h"
