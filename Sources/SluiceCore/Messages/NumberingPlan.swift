/// How a country writes its own numbers, as far as it takes to tell them from others. Sources: ITU-T
/// E.164 and the national numbering plans that the ITU publishes
/// (https://www.itu.int/oth/T0202.aspx?parent=T0202).
struct NumberingPlan {
  /// Digits alone.
  let callingCode: String
  /// What stands before a number that is dialled from abroad to elsewhere.
  let exitPrefix: String
  /// What stands before a number within the country, and is no part of it; `nil` where nothing does.
  private let trunkPrefix: String?
  /// Digits of a number without the trunk prefix; `nil` where only that prefix shows that a number is
  /// national.
  private let lengths: ClosedRange<Int>?
  /// The digits that such a number begins with.
  private let firstDigits: String

  static let usualExitPrefix = "00"

  init(callingCode: String) {
    self.callingCode = callingCode
    exitPrefix =
      switch callingCode {
      case "1": "011"
      case "7": "810"
      default: Self.usualExitPrefix
      }
    switch callingCode {
    case "1": (trunkPrefix, lengths, firstDigits) = ("1", 10...10, "23456789")
    case "7": (trunkPrefix, lengths, firstDigits) = ("8", 10...10, "34679")
    case "36": (trunkPrefix, lengths, firstDigits) = ("06", 8...9, "123456789")
    // A leading zero is part of an Italian number.
    case "39": (trunkPrefix, lengths, firstDigits) = (nil, 6...11, "03")
    case "30": (trunkPrefix, lengths, firstDigits) = (nil, 10...10, "26")
    case "52": (trunkPrefix, lengths, firstDigits) = (nil, 10...10, "23456789")
    case let code where Self.lengthsWithoutTrunk[code] != nil:
      (trunkPrefix, lengths, firstDigits) = (nil, Self.lengthsWithoutTrunk[code], "123456789")
    default: (trunkPrefix, lengths, firstDigits) = ("0", nil, "")
    }
  }

  /// Where nothing stands before a national number, and the number has fewer digits than any that is
  /// written with its country code.
  private static let lengthsWithoutTrunk: [String: ClosedRange<Int>] = [
    "34": 9...9, "45": 8...8, "47": 8...8, "48": 9...9, "65": 8...8, "216": 8...8, "221": 9...9,
    "226": 8...8, "227": 8...8, "228": 8...8, "237": 9...9, "351": 9...9, "354": 7...7,
    "356": 8...8, "357": 8...8, "371": 8...8, "372": 7...8, "420": 9...9, "502": 8...8,
    "503": 8...8, "504": 8...8, "505": 8...8, "506": 8...8, "507": 7...8, "852": 8...8,
    "853": 8...8, "965": 8...8, "968": 8...8, "973": 8...8, "974": 8...8,
  ]

  /// - Parameter digits: As dialled within the country, or not.
  /// - Returns: The number as it stands behind the calling code; `nil` if it is none of the country's.
  func significantNumber(_ digits: String) -> String? {
    if let trunkPrefix, digits.hasPrefix(trunkPrefix) {
      let number = String(digits.dropFirst(trunkPrefix.utf8.count))
      return lengths?.contains(number.utf8.count) ?? true ? number : nil
    }
    guard let lengths, lengths.contains(digits.utf8.count), let first = digits.first,
      firstDigits.contains(first)
    else { return nil }
    return digits
  }
}
