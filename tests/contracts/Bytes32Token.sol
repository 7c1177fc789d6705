// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A token of the time before ERC-20 settled on strings: name and symbol are bytes32, as in MKR and SAI.
contract Bytes32Token {
    event Transfer(address indexed from, address indexed to, uint256 value);

    bytes32 public name;
    bytes32 public symbol;
    uint256 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address account => uint256) public balanceOf;

    /// @dev Takes strings as the other test tokens do and keeps their first 32 bytes.
    constructor(string memory name_, string memory symbol_, uint256 supply) {
        name = bytes32(bytes(name_));
        symbol = bytes32(bytes(symbol_));
        mint(msg.sender, supply);
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
}
