// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A token whose name() and symbol() answer any bytes at all: control characters, invalid UTF-8, 10 kB.
/// With `raw` the bytes are returned as they are, without the ABI's offset and length.
contract HostileNameToken {
    event Transfer(address indexed from, address indexed to, uint256 value);

    bytes private answer;
    bool private raw;
    mapping(address account => uint256) public balanceOf;
    uint256 public totalSupply;

    constructor(bytes memory name_, bool raw_, uint256 supply) {
        answer = name_;
        raw = raw_;
        mint(msg.sender, supply);
    }

    function name() external view returns (string memory) {
        return _answer();
    }

    function symbol() external view returns (string memory) {
        return _answer();
    }

    function decimals() external pure returns (uint256) {
        return type(uint256).max;
    }

    function mint(address to, uint256 value) public {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function _answer() private view returns (string memory) {
        bytes memory bytes_ = answer;
        if (raw) {
            assembly ("memory-safe") {
                return(add(bytes_, 32), mload(bytes_))
            }
        }
        return string(bytes_);
    }
}
