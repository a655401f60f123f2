/// The time at which a front that starts at some nodes reaches the others: fast marching on a grid.
///
/// Solves |∇T| · speed = 1 by first-order upwind differences (J. A. Sethian, PNAS 1996). Equal times are
/// taken in index order, so the result depends on nothing but its input.
package struct FrontMarch {
  let size: SIMD3<Int>
  let spacing: Float
  /// Arrival times; infinite where the front has not come.
  package private(set) var times: [Float]
  private let speed: [Float]
  private var settled: [Bool]
  private var heap: [(time: Float, index: Int)] = []

  /// `speed` in mm per unit of time for each node, i fastest; nodes with speed 0 are never reached.
  package init(size: SIMD3<Int>, spacing: Float, speed: [Float]) {
    self.size = size
    self.spacing = spacing
    self.speed = speed
    times = [Float](repeating: .infinity, count: speed.count)
    settled = [Bool](repeating: false, count: speed.count)
  }

  /// Starts the front at a node.
  package mutating func start(at index: Int, time: Float = 0) {
    times[index] = time
    push((time, index))
  }

  /// Runs until `count` nodes are settled or nothing is left; the nodes in the order they were reached.
  package mutating func run(until count: Int) -> [Int] {
    var order: [Int] = []
    let steps = [1, size.x, size.x * size.y]
    while order.count < count, let next = pop() {
      if settled[next.index] { continue }
      settled[next.index] = true
      order.append(next.index)
      let place = [next.index % size.x, next.index / size.x % size.y, next.index / steps[2]]
      for axis in 0..<3 {
        if place[axis] > 0 { update(next.index - steps[axis]) }
        if place[axis] < size[axis] - 1 { update(next.index + steps[axis]) }
      }
    }
    return order
  }

  private mutating func update(_ index: Int) {
    if settled[index] || speed[index] <= 0 { return }
    let time = solve(index)
    if time < times[index] {
      times[index] = time
      push((time, index))
    }
  }

  /// The upwind quadratic with the axes that matter, earliest first.
  private func solve(_ index: Int) -> Float {
    let a = earlier(index, index % size.x, size.x, 1)
    let b = earlier(index, index / size.x % size.y, size.y, size.x)
    let c = earlier(index, index / (size.x * size.y), size.z, size.x * size.y)
    let low = min(a, min(b, c))
    let high = max(a, max(b, c))
    let middle = max(min(a, b), min(max(a, b), c))
    let cost = spacing / speed[index]
    var time = low + cost
    if time > middle {
      let gap = middle - low
      time = 0.5 * (low + middle + max(0, 2 * cost * cost - gap * gap).squareRoot())
      if time > high {
        let sum = low + middle + high
        let squares = low * low + middle * middle + high * high
        time = (sum + max(0, sum * sum - 3 * (squares - cost * cost)).squareRoot()) / 3
      }
    }
    return time
  }

  private func earlier(_ index: Int, _ place: Int, _ count: Int, _ step: Int) -> Float {
    let before = place > 0 && settled[index - step] ? times[index - step] : .infinity
    let after = place < count - 1 && settled[index + step] ? times[index + step] : .infinity
    return min(before, after)
  }

  private func precedes(_ a: (time: Float, index: Int), _ b: (time: Float, index: Int)) -> Bool {
    a.time < b.time || (a.time == b.time && a.index < b.index)
  }

  private mutating func push(_ entry: (time: Float, index: Int)) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if !precedes(heap[child], heap[parent]) { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func pop() -> (time: Float, index: Int)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && precedes(heap[child], heap[least]) { least = child }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
