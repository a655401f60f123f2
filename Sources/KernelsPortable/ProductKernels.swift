import Kernels

// Register blocks of the matrix product: as many sums as the CPU's registers hold, each one chain of
// fused multiply-adds. AVX-512 has room for 16 sums of 16 lanes, AVX2 for 6.

extension CompiledKernels {
  package static func multiply(_ product: Product) {
    let panels = (product.columns &+ 15) / 16
    var panel = 0
    while panel < panels {
      let left = product.columns &- panel &* 16
      #if SEGFED_AVX512
        if left > 16 {
          wide(product, panel: panel, lanes: min(16, left &- 16))
          panel &+= 2
          continue
        }
      #endif
      narrow(product, panel: panel, lanes: min(16, left))
      panel &+= 1
    }
  }
}

#if SEGFED_AVX512
  /// All rows of two panels.
  private func wide(_ product: Product, panel: Int, lanes: Int) {
    var row = 0
    while row &+ 8 <= product.rows {
      rows8panels2(product, row: row, panel: panel, lanes: lanes)
      row &+= 8
    }
    if row &+ 4 <= product.rows {
      rows4panels2(product, row: row, panel: panel, lanes: lanes)
      row &+= 4
    }
    while row < product.rows {
      rows1panels2(product, row: row, panel: panel, lanes: lanes)
      row &+= 1
    }
  }
#endif

/// All rows of one panel.
private func narrow(_ product: Product, panel: Int, lanes: Int) {
  var row = 0
  #if SEGFED_AVX512
    while row &+ 8 <= product.rows {
      rows8panels1(product, row: row, panel: panel, lanes: lanes)
      row &+= 8
    }
    if row &+ 4 <= product.rows {
      rows4panels1(product, row: row, panel: panel, lanes: lanes)
      row &+= 4
    }
  #else
    while row &+ 6 <= product.rows {
      rows6panels1(product, row: row, panel: panel, lanes: lanes)
      row &+= 6
    }
    if row &+ 3 <= product.rows {
      rows3panels1(product, row: row, panel: panel, lanes: lanes)
      row &+= 3
    }
  #endif
  while row < product.rows {
    rows1panels1(product, row: row, panel: panel, lanes: lanes)
    row &+= 1
  }
}

/// 6 rows of C by 1 panel; `lanes` columns of the last one are real.
@inline(__always)
func rows6panels1(_ p: Product, row: Int, panel: Int, lanes: Int) {
  let c = p.c + (row &* p.cStride &+ panel &* 16)
  let cStride = p.cStride
  var c00 = Lanes(repeating: 0)
  var c10 = Lanes(repeating: 0)
  var c20 = Lanes(repeating: 0)
  var c30 = Lanes(repeating: 0)
  var c40 = Lanes(repeating: 0)
  var c50 = Lanes(repeating: 0)
  if p.isAdding {
    c00 = load(c, count: lanes)
    c10 = load(c + cStride, count: lanes)
    c20 = load(c + 2 &* cStride, count: lanes)
    c30 = load(c + 3 &* cStride, count: lanes)
    c40 = load(c + 4 &* cStride, count: lanes)
    c50 = load(c + 5 &* cStride, count: lanes)
  }
  var b = p.b + panel &* p.bPanelStep
  let rowStep = p.rowStep
  for segment in 0..<p.segmentCount {
    var a = p.segments[segment] + row &* rowStep
    for _ in 0..<p.length {
      let b0 = load(b)
      let a0 = Lanes(repeating: a[0])
      c00 = fma(c00, a0, b0)
      let a1 = Lanes(repeating: a[rowStep])
      c10 = fma(c10, a1, b0)
      let a2 = Lanes(repeating: a[2 &* rowStep])
      c20 = fma(c20, a2, b0)
      let a3 = Lanes(repeating: a[3 &* rowStep])
      c30 = fma(c30, a3, b0)
      let a4 = Lanes(repeating: a[4 &* rowStep])
      c40 = fma(c40, a4, b0)
      let a5 = Lanes(repeating: a[5 &* rowStep])
      c50 = fma(c50, a5, b0)
      a += p.depthStep
      b += p.bDepthStep
    }
  }
  store(c00, c, count: lanes)
  store(c10, c + cStride, count: lanes)
  store(c20, c + 2 &* cStride, count: lanes)
  store(c30, c + 3 &* cStride, count: lanes)
  store(c40, c + 4 &* cStride, count: lanes)
  store(c50, c + 5 &* cStride, count: lanes)
}

/// 3 rows of C by 1 panel; `lanes` columns of the last one are real.
@inline(__always)
func rows3panels1(_ p: Product, row: Int, panel: Int, lanes: Int) {
  let c = p.c + (row &* p.cStride &+ panel &* 16)
  let cStride = p.cStride
  var c00 = Lanes(repeating: 0)
  var c10 = Lanes(repeating: 0)
  var c20 = Lanes(repeating: 0)
  if p.isAdding {
    c00 = load(c, count: lanes)
    c10 = load(c + cStride, count: lanes)
    c20 = load(c + 2 &* cStride, count: lanes)
  }
  var b = p.b + panel &* p.bPanelStep
  let rowStep = p.rowStep
  for segment in 0..<p.segmentCount {
    var a = p.segments[segment] + row &* rowStep
    for _ in 0..<p.length {
      let b0 = load(b)
      let a0 = Lanes(repeating: a[0])
      c00 = fma(c00, a0, b0)
      let a1 = Lanes(repeating: a[rowStep])
      c10 = fma(c10, a1, b0)
      let a2 = Lanes(repeating: a[2 &* rowStep])
      c20 = fma(c20, a2, b0)
      a += p.depthStep
      b += p.bDepthStep
    }
  }
  store(c00, c, count: lanes)
  store(c10, c + cStride, count: lanes)
  store(c20, c + 2 &* cStride, count: lanes)
}

/// 1 row of C by 1 panel; `lanes` columns of the last one are real.
@inline(__always)
func rows1panels1(_ p: Product, row: Int, panel: Int, lanes: Int) {
  let c = p.c + (row &* p.cStride &+ panel &* 16)
  var c00 = Lanes(repeating: 0)
  if p.isAdding {
    c00 = load(c, count: lanes)
  }
  var b = p.b + panel &* p.bPanelStep
  let rowStep = p.rowStep
  for segment in 0..<p.segmentCount {
    var a = p.segments[segment] + row &* rowStep
    for _ in 0..<p.length {
      let b0 = load(b)
      let a0 = Lanes(repeating: a[0])
      c00 = fma(c00, a0, b0)
      a += p.depthStep
      b += p.bDepthStep
    }
  }
  store(c00, c, count: lanes)
}
