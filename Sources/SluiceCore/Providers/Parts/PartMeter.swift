/// How much of one call a text takes, scalar by scalar: the arithmetic of ``PartLimits/Unit``.
struct PartMeter {
  private let unit: PartLimits.Unit
  private var utf16 = 0
  private var scalars = 0
  private var bytes = 0
  /// `nil` once a character is outside GSM 7-bit.
  private var gsm: SegmentCount? = SegmentCount(single: 160, joined: 153)
  private var ucs2 = SegmentCount(single: 70, joined: 67)

  init(_ unit: PartLimits.Unit) { self.unit = unit }

  /// Whether `scalars` fit too; if they do not, nothing has changed.
  mutating func take(_ scalars: some Sequence<Unicode.Scalar>) -> Bool {
    var next = self
    for scalar in scalars { next.add(scalar) }
    guard next.fits else { return false }
    self = next
    return true
  }

  private mutating func add(_ scalar: Unicode.Scalar) {
    let units = UTF16.width(scalar)
    utf16 += units
    scalars += 1
    bytes += UTF8.width(scalar)
    guard unit.countsSegments else { return }
    ucs2.add(units)
    if let septets = GSM7.septets(of: scalar) { gsm?.add(septets) } else { gsm = nil }
  }

  private var fits: Bool { fits(unit) }

  private func fits(_ unit: PartLimits.Unit) -> Bool {
    switch unit {
    case .utf16(let maximum): utf16 <= maximum
    case .scalars(let maximum): scalars <= maximum
    case .bytes(let maximum): bytes <= maximum
    case .smsSegments(let maximum): (gsm ?? ucs2).segments <= maximum
    case .both(let one, let other): fits(one) && fits(other)
    }
  }
}

/// Segments of a text in one alphabet. A character of two units (an escaped one, a surrogate pair)
/// never straddles a border: phones show both halves as rubbish.
private struct SegmentCount {
  /// Units of a segment that stands alone, and of one with a header (3GPP TS 23.040, 9.2.3.24.1).
  let single: Int
  let joined: Int
  private var total = 0
  private var full = 0
  private var inLast = 0

  init(single: Int, joined: Int) {
    self.single = single
    self.joined = joined
  }

  mutating func add(_ units: Int) {
    total += units
    if inLast + units > joined {
      full += 1
      inLast = units
    } else {
      inLast += units
    }
  }

  var segments: Int { total <= single ? 1 : full + 1 }
}

extension PartLimits.Unit {
  fileprivate var countsSegments: Bool {
    switch self {
    case .smsSegments: true
    case .both(let one, let other): one.countsSegments || other.countsSegments
    case .utf16, .scalars, .bytes: false
    }
  }
}
