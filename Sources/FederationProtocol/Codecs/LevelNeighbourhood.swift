/// How the numbers of a message lie in their tensor.
struct NumberPlaces {
  /// Output channels, the last axis.
  let columns: Int
  /// Input channels.
  let rows: Int
  /// For each plane of rows and columns, a tap or a wave, how many axes it is a wave along.
  let orders: [Int]

  init(shape: [Int], orders: [Int]? = nil) {
    columns = max(1, shape.last ?? 1)
    rows = max(1, shape.dropLast().last ?? 1)
    self.orders = orders ?? [Int](repeating: 0, count: shape.dropLast(2).reduce(1, *))
  }
}

/// What the numbers so far tell of the next one's size: those of its row and of its column in the plane, those at its place in the
/// planes before, and the two beside it. Channels differ in how much they change, and do so in all of their numbers.
struct LevelNeighbourhood {
  /// Sizes told apart, a quarter of an octave each.
  static let ranks = 32

  private let places: NumberPlaces
  private var (plane, row, column) = (0, 0, 0)
  /// Sizes in the row so far, and in each column of the plane, and at each place of all planes before.
  private var rowSum: Float = 0
  private var columnSums: [Float]
  private var placeSums: [Float]
  /// Sizes of the row above, of this one as far as it goes.
  private var above: [Float]
  /// 1/n: the mean is asked for at each number.
  private let shares: [Float]

  init(_ places: NumberPlaces) {
    self.places = places
    columnSums = [Float](repeating: 0, count: places.columns)
    above = columnSums
    placeSums = [Float](repeating: 0, count: places.columns * places.rows)
    let longest = max(places.columns, places.rows, places.orders.count)
    shares = (0...longest).map { 1 / Float(max(1, $0)) }
  }

  /// How many axes the next number's plane is a wave along: 0 to 3.
  var order: Int { plane < places.orders.count ? min(places.orders[plane], 3) : 0 }

  /// 0 for the smallest.
  var rank: Int {
    let before = column > 0 ? above[column - 1] : 0
    let earlier = plane > 0 ? placeSums[row * places.columns + column] * shares[plane] : Self.unknown
    let size =
      0.02 + rowSum * shares[column] + columnSums[column] * shares[row] + 2 * earlier
      + (before + above[column]) / 4
    // The exponent and the two highest bits behind it.
    return min(max(Int(size.bitPattern >> 21) - Self.least, 0), Self.ranks - 1)
  }

  /// A mean size where nothing is known yet.
  private static let unknown: Float = 0.3
  /// Of 2⁻⁵.
  private static let least = Int(Float(0x1p-5).bitPattern >> 21)

  /// Goes on to the next number. Sizes above 2 count as 2: one large number tells little of others.
  mutating func add(_ level: Int32) {
    let size = Float(min(abs(level), 2))
    rowSum += size
    columnSums[column] += size
    placeSums[row * places.columns + column] += size
    above[column] = size
    column += 1
    if column < places.columns { return }
    (column, rowSum) = (0, 0)
    row += 1
    if row < places.rows { return }
    (row, plane) = (0, plane + 1)
    for index in columnSums.indices { columnSums[index] = 0 }
  }
}
